"""SNMP agents of the virtual routers: v2c and v3 with authentication and privacy."""
