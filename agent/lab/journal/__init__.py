"""What the routers remember of what happened: negotiations that failed, tunnels that came and went, and the log."""
