"""Virtual IOS-XE routers over real SSH, SCP and SNMP, and the network between them."""
