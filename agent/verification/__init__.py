"""Verdicts on the configurations of many routers at once; pure."""
