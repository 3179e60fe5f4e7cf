"""Linux with FRRouting: the router's own program over SSH, as a NAPALM driver and as the agent's device."""
