"""What is read of SNMP agents, by kind: a module for each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from collectors.profiles.cisco import CISCO
from collectors.profiles.netsnmp import NET_SNMP
from collectors.profiles.profile import Own, Profile

#: By the kinds of agent that the registry of platforms names.
PROFILES: Final[Mapping[str, Profile]] = MappingProxyType({"cisco": CISCO, "net-snmp": NET_SNMP})

__all__ = ["PROFILES", "Own", "Profile"]
