"""The platforms that can be managed: the one registry of their names, with what the rules need to know of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

#: How an inventory names a platform; its text is in the folder of that name in device_templates.
PlatformName = Literal["cisco_iosxe", "cisco_ios", "linux_frr"]


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What the inventory knows of a platform.

    ``interface``, ``serial`` and ``release`` are patterns of whole texts, each with words and an example for people;
    ``agent`` says which SNMP agent the platform has, and so which objects are polled; ``nhrp_authentication`` whether
    its NHRP has it. ``snmp_auth`` are what SNMP users can be authenticated by, for releases from a major number on,
    newest first; ``snmp_priv`` what they can be encrypted by.
    """

    title: str
    interface: str
    interface_words: str
    serial: str
    serial_words: str
    release: str
    release_words: str
    nhrp_authentication: bool
    agent: Literal["cisco", "net-snmp"]
    snmp_auth: tuple[tuple[int, tuple[str, ...]], ...]
    snmp_priv: tuple[str, ...]

    def is_interface(self, name: str) -> bool:
        """Whether a port of this platform can have this name."""
        return re.fullmatch(self.interface, name) is not None

    def is_serial(self, serial: str) -> bool:
        """Whether this platform's routers can have this serial number."""
        return re.fullmatch(self.serial, serial) is not None

    def is_release(self, release: str) -> bool:
        """Whether this platform can have a software release of this number."""
        return re.fullmatch(self.release, release) is not None

    def authenticates(self, release: str) -> tuple[str, ...]:
        """What a release can authenticate SNMP users by, the weakest first; nothing where it is no release."""
        major = int(release.partition(".")[0]) if self.is_release(release) else 0
        return next((words for first, words in self.snmp_auth if first <= major), ())


_SHA_1 = ("sha",)
_SHA = (*_SHA_1, "sha224", "sha256", "sha384", "sha512")
_AES = ("aes128", "aes192", "aes256")

PLATFORMS: Final[Mapping[PlatformName, PlatformFacts]] = MappingProxyType(
    {
        "cisco_iosxe": PlatformFacts(
            title="IOS-XE",
            interface=r"(FastEthernet|GigabitEthernet|TenGigabitEthernet|TwoGigabitEthernet)\d{1,2}(/\d{1,2}){0,3}",
            interface_words="its full name, as GigabitEthernet0/0/0",
            serial=r"[A-Z0-9]{8,14}",
            serial_words="8 to 14 capital letters and digits",
            release=r"(1[6-9]|[2-9][0-9])\.[0-9]{1,2}(\.[0-9]{1,2}[a-z]?)?",
            release_words='the number of IOS-XE, from 16 on, as "17.9" or "17.9.4a"',
            nhrp_authentication=True,
            agent="cisco",
            snmp_auth=((17, _SHA), (16, _SHA_1)),
            snmp_priv=_AES,
        ),
        "cisco_ios": PlatformFacts(
            title="IOS",
            interface=r"(FastEthernet|GigabitEthernet)\d{1,2}(/\d{1,2}){0,2}",
            interface_words="its full name, as GigabitEthernet0/0 or GigabitEthernet8",
            serial=r"[A-Z0-9]{8,14}",
            serial_words="8 to 14 capital letters and digits",
            release=r"15\.[0-9]{1,2}(\([0-9]{1,2}[a-z]?\)[A-Z]{1,3}[0-9]{0,2}[a-z]?)?",
            release_words='the number of classic IOS 15, as "15.7" or "15.7(3)M8"',
            nhrp_authentication=True,
            agent="cisco",
            snmp_auth=((15, _SHA_1),),
            snmp_priv=_AES,
        ),
        # Links that the router makes itself (gre10, vlan10, mgmt0, ibo10) are no ports; all and default are what the
        # kernel calls every port and those to come.
        "linux_frr": PlatformFacts(
            title="Linux with FRRouting",
            interface=r"(?!((gre|vlan|mgmt|ibo|lo)\d*|all|default)$)[a-z][a-z0-9]{1,14}",
            interface_words="the kernel's name of a port, as eth0 or enp1s0",
            serial=r"[A-Za-z0-9][A-Za-z0-9.-]{2,31}",
            serial_words="3 to 32 letters, digits, dots and dashes",
            release=r"([1-9]|1[0-5])\.[0-9]{1,2}(\.[0-9]{1,2})?",
            release_words='the number of FRRouting, not of the system below it, as "8.4" or "10.2.1"',
            nhrp_authentication=False,  # FRRouting has it from release 10 on
            agent="net-snmp",
            snmp_auth=((1, _SHA),),
            snmp_priv=(*_AES, "aes192-blumenthal", "aes256-blumenthal"),
        ),
    }
)
