"""Wires a workspace together: the one package that knows every other."""
