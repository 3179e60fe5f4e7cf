"""One module a revision of the database, applied in order and never changed once released."""
