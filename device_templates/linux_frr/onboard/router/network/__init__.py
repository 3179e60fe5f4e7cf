"""Interfaces, namespaces, tunnels and routes: what is wanted, what is seen, and the steps between."""
