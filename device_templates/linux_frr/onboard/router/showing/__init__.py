"""What the router tells of itself while it runs."""
