"""What the network and the agents need of a running configuration, read into records."""
