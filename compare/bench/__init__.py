"""How fast it is, always as a ratio to a peer or to the floor, measured in turns in one process."""
