"""What a result looks like: a page for each student, one for the class, and the files that hold them."""
