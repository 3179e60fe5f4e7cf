"""Device sessions: NAPALM and Netmiko behind small protocols."""
