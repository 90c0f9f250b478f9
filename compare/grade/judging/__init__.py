"""From the answers to a result: the judgement of a check, and points for each equation."""
