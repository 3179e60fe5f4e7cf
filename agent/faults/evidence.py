"""What a probe found: text for people, facts for the conclusion; an unreachable device is evidence as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

#: Where probes of the management centre itself are made.
HERE = "here"


class Probe(StrEnum):
    """What was asked."""

    PING_MANAGEMENT = "ping_management"
    SESSION = "session"
    UPTIME = "uptime"
    PING_WAN = "ping_wan"
    PING_TUNNEL = "ping_tunnel"
    DMVPN = "dmvpn"
    IKE = "ike"
    NHRP = "nhrp"
    BGP = "bgp"
    WATCHED = "watched"
    #: What the inventory says: how the access is provided, which VPNs and far ends there are, what IKE proves.
    INVENTORY = "inventory"
    #: The router's SNMP agent, asked now.
    SNMP = "snmp"
    #: The first word of the router's SSH service.
    GREETING = "greeting"
    #: Why IKE with a peer failed, by the table of the SNMP agent, where its platform has one.
    IKE_FAILURES = "ike_failures"
    #: Errors that IKEv2 counts; growing while we look.
    IKE_ERRORS = "ike_errors"
    IPSEC = "ipsec"
    #: NHRP registrations, sent and answered.
    REGISTRATION = "registration"
    CERTIFICATES = "certificates"
    #: The pre-shared keys that run, by fingerprint, against the intended one.
    KEYS = "keys"
    PROCESSOR = "processor"
    LOG = "log"
    #: One thing that a Lync server shows: SNMP, a service, a port, a certificate, its clock.
    SERVER = "server"
    #: From the router before a server, over the LAN that they share.
    PING_LAN = "ping_lan"


class Finding(StrEnum):
    """How it ended: good or bad for the service; the others say why nothing is known."""

    GOOD = "good"
    BAD = "bad"
    NOT_REACHED = "not_reached"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    NOT_KNOWN = "not_known"


Fact = str | int | float | bool | None

#: What is kept of one probe's text, in characters: many times what a healthy router shows.
MOST_TEXT = 100_000


def kept(text: str) -> str:
    """The text, or its beginning and how much is missing: a device that lies fills no database."""
    if len(text) <= MOST_TEXT:
        return text
    return f"{text[:MOST_TEXT]}\n… {len(text) - MOST_TEXT} more characters were not kept"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One probe: asked at ``at`` from ``source`` (a router, or ``here``) about ``target``; ``text`` is redacted.

    ``item`` is the VPN or the address where one router is asked the same of several; ``late``: it came after the
    moment by which evidence was due, or after the conclusion was drawn.
    """

    probe: Probe
    source: str
    target: str
    at: datetime
    finding: Finding
    text: str
    item: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    late: bool = False
