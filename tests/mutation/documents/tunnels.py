"""Faults in how a router of files protects and links its tunnels: strongSwan's settings, and its own list of links."""

from __future__ import annotations

from tests.mutation.drawing import either, gone, into, number, stranger, with_random
from tests.mutation.mutant import Catalogue

TUNNELS = Catalogue(documents=True)
fault = TUNNELS.fault

IPSEC, LINKS = r"%% file etc/swanctl/swanctl\.conf", r"%% file etc/spokesman/network\.toml"
CENTRE = r"centre \{"
_SUITE = r"proposals = aes256gcm16-prfsha384-ecp384-ecp256"

fault(
    "files: key of IPsec changed or missing",
    "no peer proves itself by it",
    "WV-3 WV-7",
    either(into(r'secret = ".*"', with_random('secret = "another {}"', number(1, 999)), under=IPSEC),
           gone(r"ike-\S+ \{", IPSEC), gone(r'secret = ".*"', IPSEC)),
)  # fmt: skip
fault(
    "files: identity towards the centre, or the centre's",
    "the centre does not know the router, or the router not the centre",
    "WV-7",
    either(into(r"id = fqdn:(\S+)", r"id = fqdn:x\1", "id = fqdn:somebody.invalid", under=r"(local|remote) \{"),
           gone(r"id = fqdn:.*", r"(local|remote) \{")),
)  # fmt: skip
fault(
    "files: identity in the VPNs",
    "the peers do not take it, or it does not take them",
    "WV-3",
    either(
        into(r"id = \d.*", with_random("id = {}", stranger), under=r"remote \{"),
        into(r"id = \d.*", with_random("id = {}", stranger), under=r"local \{", when=lambda one: bool(one.hub_of)),
    ),
)
fault(
    "files: IKE proposals",
    "they are not the peers', or weak",
    "WV-3 WV-7",
    into(_SUITE, "proposals = aes128gcm16-prfsha256-ecp256", "proposals = aes256-sha1-modp1024",
         "proposals = 3des-md5-modp768", under=IPSEC),
)  # fmt: skip
fault(
    "files: ESP proposals",
    "they are not the peers', or without forward secrecy",
    "WV-3 WV-7",
    into(r"esp_proposals = aes256gcm16-ecp384", "esp_proposals = aes128gcm16-ecp256", "esp_proposals = aes256gcm16",
         "esp_proposals = aes128-sha1-modp1024", under=IPSEC),
)  # fmt: skip
fault(
    "files: mode of IPsec",
    "transport for tunnel, or the other way round",
    "WV-3 WV-7",
    either(into(r"mode = transport", "mode = tunnel"), into(r"mode = tunnel", "mode = transport"),
           gone(r"mode = transport")),
)  # fmt: skip
fault("files: first version of IKE", "the peers speak the second", "WV-3 WV-7",
      into(r"version = 2", "version = 1", under=r"connections \{"))  # fmt: skip
fault(
    "files: what the members' associations carry",
    "GRE is not in it at both ends",
    "WV-3",
    into(r"(local|remote)_ts = dynamic\[gre\]", r"\1_ts = dynamic[tcp]", r"\1_ts = dynamic[udp]"),
)  # fmt: skip
fault(
    "files: what the association of management carries",
    "a network of the centre, or the router's address, is not in it",
    "WV-7",
    either(into(r"remote_ts = (\S+), (\S+)", r"remote_ts = \1", r"remote_ts = \2", "remote_ts = 203.0.113.0/24"),
           into(r"local_ts = (\d+\.\d+\.\d+)\.\d+/32", r"local_ts = \1.250/32"),
           gone(r"remote_ts = \d.*"), gone(r"local_ts = \d.*")),
)  # fmt: skip
fault(
    "files: mark of the management association",
    "the interface does not find it",
    "WV-3 WV-7",
    either(gone(r"mark_(in|out) = .*"), into(r"mark_(in|out) = .*", with_random(r"mark_\1 = {}", number(2, 4000)))),
)
fault(
    "files: nothing begins an association",
    "no packet and no start asks for one",
    "WV-3 WV-7",
    either(gone(r"start_action = trap(\|start)?"), into(r"start_action = trap(\|start)?", "start_action = none")),
)
fault("files: peer of the management connection", "there is no centre", "WV-7 WV-3",
      into(r"remote_addrs = \d.*", with_random("remote_addrs = {}", stranger), under=CENTRE))  # fmt: skip
fault("files: address that connections begin at", "the router has no such address", "WV-3 WV-7",
      into(r"local_addrs = .*", with_random("local_addrs = {}", stranger), under=r"(vpn|centre) \{"))  # fmt: skip
fault("files: how peers prove themselves", "the other end has no certificate", "WV-3 WV-7",
      into(r"auth = psk", "auth = pubkey", under=IPSEC))  # fmt: skip
fault(
    "files: connection missing",
    "nobody is protected by it",
    "WV-3 WV-7",
    either(gone(r"vpn \{", IPSEC), gone(r"centre \{", r"connections \{")),
)

fault("files: tunnel key", "it keeps VPNs apart, and is that of all members", "WV-6 WV-3",
      either(into(r"key = (10|20)", with_random("key = {}", number(100, 4000)), "key = 10", "key = 20", under=LINKS),
             gone(r"key = (10|20)", LINKS)))  # fmt: skip
fault(
    "files: gateway or address of the access",
    "nothing leaves, or nobody finds the hub",
    "WV-1 WV-2 WV-3",
    either(into(r'gateway = ".*"', with_random('gateway = "{}"', stranger), under=LINKS), gone(r"gateway = .*", LINKS),
           into(r'address = "198\.51\.100\.\d+/29"', 'address = "198.51.100.13/29"', 'address = "dhcp"', under=LINKS),
           into(r'address = "dhcp"', 'address = "203.0.113.77/24"', under=LINKS)),
)  # fmt: skip
fault("files: interface of the access", "it is elsewhere", "WV-2 WV-3",
      either(into(r'interface = "eth0"', 'interface = "eth4"', under=LINKS),
             gone(r'interface = "eth0"', LINKS)))  # fmt: skip
fault(
    "files: management tunnel",
    "its key is not the association's, its peer not the centre, its address not the router's, or a network missing",
    "WV-7 WV-3",
    either(into(r"key = 4095", with_random("key = {}", number(100, 4000)), under=LINKS),
           into(r'peer = ".*"', with_random('peer = "{}"', stranger), under=LINKS), gone(r"peer = .*", LINKS),
           into(r'address = "10\.254\.0\.\d+/32"', 'address = "10.254.0.250/32"', under=LINKS),
           into(r'networks = \["(\S+)", "(\S+)"\]', r'networks = ["\1"]', r'networks = ["\2"]', under=LINKS),
           gone(r"networks = .*", LINKS)),
)  # fmt: skip
fault(
    "files: port of a LAN",
    "it is in the wrong network, or in none",
    "WV-3 WV-6 WV-11",
    either(into(r'ports = \["(eth\d)"\]', 'ports = []', r'ports = ["\1", "eth4"]', r'ports = ["\1", "eth1"]',
                r'ports = ["\1", "eth2"]', r'ports = ["\1", "eth3"]', under=LINKS)),
)  # fmt: skip
fault(
    "files: link of breakout, or the guests' address",
    "the way out to the internet is cut",
    "WV-11 WV-3",
    either(into(r'(inside|outside) = "169\.254\.0\.\d+/30"', r'\1 = "169.254.9.1/30"', under=LINKS),
           gone(r"(inside|outside) = .*", LINKS),
           into(r'address = "192\.168\.50\.1/24"', 'address = "192.168.51.1/24"', under=LINKS)),
)  # fmt: skip
fault("files: host name", "it is another router's", "WV-4",
      into(r'hostname = ".*"', with_random('hostname = "router-{}"', number(1, 999)), under=LINKS))  # fmt: skip
