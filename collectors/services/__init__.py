"""Asking a Lync server its services: the tables of Windows by SNMP, SIP, HTTPS, and all of it at once."""
