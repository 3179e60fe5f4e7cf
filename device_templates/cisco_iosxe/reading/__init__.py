"""Reads configurations back: a tree of lines, proof that it is complete, and the neutral model."""
