"""The ports that IOS writes by name in access lists; those of each protocol in the words of its command reference."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_BOTH = {
    "discard": 9,
    "echo": 7,
    "domain": 53,
    "sunrpc": 111,
    "tacacs": 49,
    "talk": 517,
    "time": 37,
    "pim-auto-rp": 496,
}
_TCP = {
    **{"bgp": 179, "chargen": 19, "cmd": 514, "daytime": 13, "drip": 3949, "exec": 512, "finger": 79, "ftp": 21},
    **{"ftp-data": 20, "gopher": 70, "hostname": 101, "ident": 113, "irc": 194, "klogin": 543, "kshell": 544},
    **{"login": 513, "lpd": 515, "msrpc": 135, "nntp": 119, "onep-plain": 15001, "onep-tls": 15002, "pop2": 109},
    **{"pop3": 110, "smtp": 25, "telnet": 23, "uucp": 540, "whois": 43, "www": 80},
}
_UDP = {
    **{"biff": 512, "bootpc": 68, "bootps": 67, "dnsix": 195, "isakmp": 500, "mobile-ip": 434, "nameserver": 42},
    **{"netbios-dgm": 138, "netbios-ns": 137, "netbios-ss": 139, "non500-isakmp": 4500, "ntp": 123, "rip": 520},
    **{"ripv6": 521, "snmp": 161, "snmptrap": 162, "syslog": 514, "tftp": 69, "who": 513, "xdmcp": 177},
}
#: Protocol -> name -> number.
NUMBERS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {"tcp": MappingProxyType({**_BOTH, **_TCP}), "udp": MappingProxyType({**_BOTH, **_UDP})}
)
_NAMES = {protocol: {number: name for name, number in names.items()} for protocol, names in NUMBERS.items()}


def port_name(protocol: str, number: int) -> str:
    """A port of ``tcp`` or ``udp`` as the device shows it."""
    return _NAMES[protocol].get(number, str(number))
