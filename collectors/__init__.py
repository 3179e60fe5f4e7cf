"""Reading the network: SNMP and ping."""
