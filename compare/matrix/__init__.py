"""Owns the matrix: which right code each check in use today rejects, and which wrong code it accepts."""
