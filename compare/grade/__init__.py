"""A class's submissions graded: found, asked in a sandbox, judged by equation, and told to the people who wait."""
