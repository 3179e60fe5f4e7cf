"""Simple service requests: the catalogue, what a request goes through, and what it leads to [WV-22]."""
