"""The least that spokesman.toml says of a management centre, for tests that build settings by hand."""

CENTRE = {
    "name": "centre",
    "peer": "203.0.113.1",
    "identity": "centre",
    "tunnel_peer": "10.254.255.254",
    "networks": ["10.253.0.0/24"],
    "ike_psk": "ike",
    "ntp": ["10.253.0.1"],
    "ntp_key": "ntp",
    "syslog": ["10.253.0.2"],
    "snmp_managers": ["10.253.0.3"],
    "contact": "noc",
}
