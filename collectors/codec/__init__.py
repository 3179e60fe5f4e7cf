"""SNMP as octets: BER, the values it carries, protocol data units, and answers read against what was asked."""
