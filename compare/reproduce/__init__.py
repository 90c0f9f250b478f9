"""Published results, trained again: many seeds, both implementations, one table and one picture."""
