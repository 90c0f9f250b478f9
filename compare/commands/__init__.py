"""One module a command: its options, and what it does with them. Imports what it needs only when it runs."""
