"""The lab's certificate authorities: each is known by its URL and fingerprint, and grants what it is asked at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import urlsplit

from agent.lab.pki.certificate import Certificate, shown_name
from agent.lab.spec import Authority

DAY_S = 86_400.0
#: How long certificates of routers hold.
LIFETIME_S = 365 * DAY_S
#: Certificates begin a little before they are issued, for clocks that are late.
_EARLIER_S = 600.0
#: From the first of January 2024, for forty years.
_OWN_BEGINS, _OWN_ENDS = 1_704_067_200.0, 2_966_371_200.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where an authority answers: ``address`` is None where its URL names no IPv4 address."""

    address: IPv4Address | None
    port: int
    path: str


def place_of(url: str) -> Place | None:
    """The place that an enrolment URL names; None where it is no http URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        return None
    if parts.scheme != "http" or not parts.hostname:
        return None
    try:
        address = IPv4Address(parts.hostname)
    except AddressValueError:
        address = None
    return Place(address, port, f"{parts.hostname}{parts.path.rstrip('/')}")


def name_of(authority: Authority) -> str:
    """The authority's distinguished name."""
    return f"cn={authority.name}"


def own_certificate(authority: Authority) -> Certificate:
    """What the authority says of itself."""
    name = name_of(authority)
    return Certificate("01", name, name, authority.fingerprint, authority.fingerprint, _OWN_BEGINS, _OWN_ENDS)


def issue(authority: Authority, subject: str, key: str, now: float) -> Certificate:
    """A certificate for ``subject`` (as configured) and its key pair, from ``now`` on."""
    begins = float(int(now - _EARLIER_S))
    digest = hashlib.sha256(f"{authority.fingerprint}/{subject}/{key}/{now}".encode()).hexdigest().upper()
    return Certificate(
        serial="5A" + digest[:14],
        subject=shown_name(subject),
        issuer=name_of(authority),
        authority=authority.fingerprint,
        key=key,
        begins=begins,
        ends=begins + LIFETIME_S,
    )
