"""Asking a Windows server's services: SNMP tables, TLS and certificates, SIP, HTTPS, clocks."""
