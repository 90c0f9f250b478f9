"""An assignment packed for a platform, with the grader and what the platform asks for."""
