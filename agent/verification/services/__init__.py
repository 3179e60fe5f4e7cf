"""Whether a router serves what was ordered beside its tunnels, whom it lets in, and what it tells to whom."""
