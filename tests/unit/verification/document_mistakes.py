"""Mistakes in one router's document of the golden options, and the checks that find them."""
# ruff: noqa: E501

from __future__ import annotations

LONDON, LEEDS = "acme-lon-r1", "acme-lee-r1"
SUITE = "proposals = aes256gcm16-prfsha384-ecp384-ecp256"
VPN = "  vpn {\n    version = 2"
HUB = "remote_addrs = 198.51.100.10\n    "

#: The check, the router, what is in its document, and what is there instead.
DOCUMENTS = (
    ("logins-are-answered", LONDON, "ListenAddress 10.254.0.11", "ListenAddress 0.0.0.0"),
    ("logins-are-answered", LONDON, "ListenAddress 10.254.0.11", "ListenAddress 198.51.100.10"),
    ("logins-are-answered", LONDON, "Port 22", "Port 2222"),
    ("logins-are-answered", LONDON, "AllowUsers spokesman", "AllowUsers operator"),
    ("users-are-protected-as-ordered", LONDON, "createUser spokesman SHA-256", "createUser spokesman MD5"),
    ("users-are-protected-as-ordered", LONDON, 'AES-256-C "Planted-Feed', 'AES-256 "Planted-Feed'),
    ("users-are-protected-as-ordered", LEEDS, 'AES "Planted-Snmp', 'DES "Planted-Snmp'),
    ("logins-are-proved", LONDON, "PermitEmptyPasswords no", "PermitEmptyPasswords yes"),
    ("logins-are-proved", LONDON, "PasswordAuthentication yes", "PasswordAuthentication no"),
    ("association-carries-the-centre", LONDON, "remote_ts = 10.254.255.0/24, 192.0.2.0/28", "remote_ts = 192.0.2.0/28"),
    ("association-carries-the-centre", LONDON, "local_ts = 10.254.0.11/32", "local_ts = 10.254.0.12/32"),
    ("every-tunnel-is-protected", LONDON, "        mark_out = 4095\n", ""),
    ("every-tunnel-is-protected", LONDON, "mark_in = 4095", "mark_in = 4094"),
    ("every-tunnel-is-protected", LEEDS, "mode = transport", "mode = tunnel"),
    ("profiles-are-complete", LONDON, VPN, VPN.replace("2", "1")),
    ("profiles-are-complete", LEEDS, VPN, VPN.replace("2", "1")),
    ("profiles-are-complete", LEEDS, HUB + SUITE, HUB + "proposals = aes128gcm16-prfsha256-ecp256"),
    ("profiles-are-complete", LEEDS, "esp_proposals = aes256gcm16-ecp384\n        replay", "esp_proposals = aes128gcm16\n        replay"),
    ("management-is-alike", LONDON, SUITE + "\n    dpd_delay = 10s\n    keyingtries = 0\n    local {\n      auth = psk\n      id = fqdn", "proposals = aes128gcm16-prfsha256-ecp256\n    local {\n      auth = psk\n      id = fqdn"),
    ("groups-let-go", LEEDS, "    a_hub_answers\n", ""),
    ("groups-let-go", LEEDS, "weight -60", "weight -30"),
    ("groups-follow-the-destination", LEEDS, "-I gre20 10.255.16.1", "-I vlan20 10.20.2.9"),
    ("feed-has-its-hosts", LONDON, 'chain input {\n    type filter hook input priority filter; policy drop;\n    iifname "lo" accept\n    ct state established,related accept\n    iifname "gre10"', 'chain input {\n    type filter hook input priority filter; policy accept;\n    iifname "lo" accept\n    ct state established,related accept\n    iifname "gre10"'),
    ("filters-class-as-ordered", LONDON, '    oifname "gre10" ip dscp { ef, cs5 } meta priority set 1:10 accept\n', ""),
    ("filters-class-as-ordered", LONDON, "ip dscp { ef, cs5 } meta priority set 1:10", "ip dscp { ef, cs5 } meta priority set 1:11"),
    ("filters-class-as-ordered", LONDON, '    iifname "ibo10-fd" oifname "eth0" ip dscp { ef, cs5 } meta priority set 1:10 accept\n', ""),
    ("filters-class-as-ordered", LONDON, "1:11 htb rate 40000kbit", "1:11 htb rate 10000kbit"),
    ("filters-put-guests-last", LONDON, 'oifname "eth0" meta priority set 1:3', 'oifname "eth0" meta priority set 1:10'),
)  # fmt: skip
