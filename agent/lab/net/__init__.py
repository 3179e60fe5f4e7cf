"""The network between the virtual routers: derived, on demand, from what they run and from physical faults."""
