"""Routing between the routers: tables, BGP, and packets on their way."""
