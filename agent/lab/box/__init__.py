"""What a router is made of besides its configuration: flash, stored state, host key, small records."""
