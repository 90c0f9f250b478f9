"""Somebody's own code: loaded in a process of its own, asked, and its answers brought into the one form."""
