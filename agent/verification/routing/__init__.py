"""Whether BGP joins the routers of each VPN and nobody else: its sessions, and the networks that they tell of."""
