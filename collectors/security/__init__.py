"""SNMP's security models: the community of v2c, and the users, keys and clocks of v3. Pure."""
