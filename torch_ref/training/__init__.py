"""Training at speed: a run that can be killed at any moment and goes on as if it had not been."""
