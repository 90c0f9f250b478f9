"""What was handed in: from a folder or an export to one Python text for each student."""
