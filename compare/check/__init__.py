"""``backproof check``: asks an implementation, judges what it shows, and has the mistake named."""
