"""Writes documents: inventory and secrets in, one text of all files out, whose every line knows where it comes from."""
