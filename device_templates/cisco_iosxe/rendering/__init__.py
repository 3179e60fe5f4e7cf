"""Writes configurations: inventory and secrets in, text whose every line knows where it comes from out."""
