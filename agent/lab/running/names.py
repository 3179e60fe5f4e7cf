"""The names that IOS writes in place of numbers: ports in access lists, and code points of DSCP."""

from __future__ import annotations

#: Ports that an access list names, in vendor documentation of ``permit tcp`` and ``permit udp``.
TCP_PORTS = {
    7: "echo", 9: "discard", 13: "daytime", 19: "chargen", 20: "ftp-data", 21: "ftp", 23: "telnet", 25: "smtp",
    37: "time", 43: "whois", 49: "tacacs", 53: "domain", 70: "gopher", 79: "finger", 80: "www", 101: "hostname",
    109: "pop2", 110: "pop3", 111: "sunrpc", 113: "ident", 119: "nntp", 179: "bgp", 194: "irc", 496: "pim-auto-rp",
    512: "exec", 513: "login", 514: "cmd", 515: "lpd", 517: "talk", 540: "uucp", 543: "klogin", 544: "kshell",
}  # fmt: skip
UDP_PORTS = {
    7: "echo", 9: "discard", 37: "time", 42: "nameserver", 49: "tacacs", 53: "domain", 67: "bootps", 68: "bootpc",
    69: "tftp", 111: "sunrpc", 123: "ntp", 137: "netbios-ns", 138: "netbios-dgm", 139: "netbios-ss", 161: "snmp",
    162: "snmptrap", 177: "xdmcp", 195: "dnsix", 434: "mobile-ip", 496: "pim-auto-rp", 500: "isakmp", 512: "biff",
    513: "who", 514: "syslog", 517: "talk", 520: "rip", 4500: "non500-isakmp",
}  # fmt: skip
PORTS = {"tcp": TCP_PORTS, "udp": UDP_PORTS}

#: DSCP values with a name (RFC 2474, 2597, 3246).
DSCP = {
    0: "default", 8: "cs1", 10: "af11", 12: "af12", 14: "af13", 16: "cs2", 18: "af21", 20: "af22", 22: "af23",
    24: "cs3", 26: "af31", 28: "af32", 30: "af33", 32: "cs4", 34: "af41", 36: "af42", 38: "af43", 40: "cs5", 46: "ef",
    48: "cs6", 56: "cs7",
}  # fmt: skip

_WITH_PORT = {"eq", "gt", "lt", "neq", "range"}


def rule(words: list[str]) -> list[str]:
    """A rule of an access list in IOS's words: ``eq 80`` of tcp is ``eq www``, ``dscp 46`` is ``dscp ef``."""
    ports = PORTS.get(words[1], {}) if len(words) > 1 else {}
    shown: list[str] = []
    asking = ""
    for word in words:
        if word in _WITH_PORT or word == "dscp":
            asking = word
        elif not word.isdigit():
            asking = ""
        elif asking == "dscp":
            word = code_point(word)
        elif asking:
            word = ports.get(int(word), word)
        shown.append(word)
    return shown


def code_point(word: str) -> str:
    """``46`` as ``ef``."""
    return DSCP.get(int(word), word) if word.isdigit() else word
