"""What releases of IOS-XE and of classic IOS say differently, or have not: the one table that all of them ask."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a release speaks. ``title`` is the family's name for people, ``usb`` where it finds a stick.

    ``boot_level`` is the licence that crypto needs, "" where it is what the workspace says; ``modular``: it is that of
    a module, named after the model. ``ntp_digest`` authenticates the time; ``link`` are the lines of a routed port that
    finds its speed itself, ``translated`` those that the router adds where addresses are translated. ``inspect_global``
    are the parameters that all policies of the firewall share, ``log_drops`` the one by which it tells what it drops.
    Messages of the firewall are those with ``log_text`` in their ``log_part``: IOS-XE's data plane speaks through
    %IOSXE-6-PLATFORM, so the firewall's own name stands in the body. ``ssh_macs`` are what SSH is limited to, "" where
    a release has none of SHA-2 to limit it to; ``accounting_apart``: how logins and commands are accounted for is shown
    as a section.
    """

    title: str
    usb: str
    boot_level: str
    modular: bool
    ntp_digest: str
    link: tuple[str, ...]
    translated: tuple[str, ...]
    inspect_global: str
    log_drops: str
    log_part: str
    log_text: str
    ssh_macs: str
    accounting_apart: bool


_16 = Dialect(
    title="IOS-XE",
    usb="usb0:",
    boot_level="securityk9",
    modular=False,
    ntp_digest="md5",
    link=("negotiation auto",),
    translated=(),
    inspect_global="inspect-global",
    log_drops="log dropped-packets",
    log_part="msg-body",
    log_text="%FW-",
    ssh_macs="hmac-sha2-512 hmac-sha2-256",
    accounting_apart=False,
)
#: Routers learnt SHA-2 for NTP, and licences by tiers (network-…, dna-…), with 17.
_17 = replace(_16, boot_level="", ntp_digest="hmac-sha2-256")
#: Classic IOS puts the fragments of what it translates together first, and says so; its firewall is a facility. Its
#: SSH has no MAC of SHA-2 [vendor community 2808828: a 3925E with 15.5(2)T]: without the line it takes the best it has.
_15 = replace(
    _16,
    title="IOS",
    usb="usbflash0:",
    modular=True,
    link=("duplex auto", "speed auto"),
    translated=("ip virtual-reassembly in",),
    inspect_global="inspect global",
    log_drops="log dropped-packets enable",
    log_part="facility",
    log_text="FW",
    ssh_macs="",
    accounting_apart=True,
)

#: The first major release that speaks so, newest first.
_DIALECTS: tuple[tuple[int, Dialect], ...] = ((17, _17), (16, _16), (15, _15))


def dialect_of(release: str) -> Dialect:
    """What a release, as "17.9.4a" or "15.7(3)M8", speaks; the inventory knows none before the oldest of the table."""
    major = numbers_of(release)[0]
    return next(dialect for first, dialect in _DIALECTS if first <= major)


def numbers_of(release: str) -> tuple[int, int]:
    """The two numbers of a release that a configuration names it by: (15, 7) of "15.7(3)M8"."""
    major, minor = re.findall(r"\d+", release)[:2]
    return int(major), int(minor)
