"""Certificates in the lab: authorities that issue them, routers that enrol, and what routers show of them."""
