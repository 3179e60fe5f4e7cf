"""[management_centre] and [pki] of spokesman.toml: what routers need to know of the centre, and where they enrol."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inventory.fields import Address, Form, Line, Model, Network, SecretRef


class ManagementCentre(Model):
    """What every router needs to know of the management centre.

    ``peer`` is the internet address that ends the management tunnels [WV-7], ``network`` what the tunnels lead to,
    ``tunnel_peer`` the centre's own address inside them.
    """

    name: Line
    """What it is called in messages."""
    peer: Address
    """The internet address that ends the management tunnels."""
    identity: Annotated[
        str,
        Form(
            r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,119}$",
            "an IKEv2 identity: letters, digits, dots, hyphens, _ and @, a letter or digit first, at most 120",
        ),
    ]
    """The centre's IKEv2 identity."""
    tunnel_peer: Address
    """The centre's own address inside the tunnels."""
    networks: Annotated[tuple[Network, ...], Field(min_length=1)]
    """What the tunnels lead to."""
    ike_psk: SecretRef
    """The key of the management tunnels."""
    ntp: Annotated[tuple[Address, ...], Field(min_length=1)]
    ntp_key: SecretRef
    """Authenticates the time."""
    syslog: Annotated[tuple[Address, ...], Field(min_length=1)]
    snmp_managers: Annotated[tuple[Address, ...], Field(min_length=1)]
    tacacs: tuple[Address, ...] = ()
    tacacs_key: SecretRef | None = None
    domain: Annotated[
        str,
        Form(
            r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$",
            "a domain name: letters, digits, dots, hyphens and _, a letter or digit first, at most 120",
        ),
    ] = "managed.invalid"
    """The routers' domain name."""
    contact: Line
    """Whom a customer or engineer calls; routers show it."""
    banner: tuple[Line, ...] = ("Authorised access only. Access is logged.",)
    """Shown before login; it names no platform."""


class CertificateAuthority(Model):
    """Where routers enrol for certificates, and the SHA-1 or SHA-256 fingerprint of the authority's own."""

    enrollment_url: Annotated[str, Form(r"^https?://[^\s?]+$", "a URL: one that starts with http:// or https://")]
    fingerprint: Annotated[
        str, Form(r"^[0-9A-F]{40}([0-9A-F]{24})?$", "a fingerprint: 40 or 64 capital hexadecimal digits")
    ]
