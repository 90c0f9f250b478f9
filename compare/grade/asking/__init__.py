"""What a submission is asked, and how its answers come back: the questions, their frames, and both ends of the wire."""
