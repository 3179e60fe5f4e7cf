"""What may be ordered beside the VPNs themselves: a module an option, what its partials see and what it refuses."""
