"""What all platforms' rendering shares: the sandbox of partials, their table, facts of the service, origins."""
