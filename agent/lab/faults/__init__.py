"""What can be broken in a lab on purpose, and how each fault acts on the routers and on packets."""
