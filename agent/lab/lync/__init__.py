"""Virtual Lync servers: what they answer to SNMP, SIP, HTTPS, SNTP and WinRM, and what can be broken."""
