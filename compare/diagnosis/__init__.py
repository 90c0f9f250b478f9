"""Names the mistake: hypotheses about an implementation that is wrong, and which of them explains what it gives."""
