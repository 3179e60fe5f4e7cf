"""What the lines of each service say: interfaces, tunnels, encryption, routing, services."""
