"""Reads configurations of linux_frr back: the document, its files as trees of lines, its secrets, the neutral model."""
