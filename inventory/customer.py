"""A customer and its VPNs: what one file under customers/ holds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inventory.fields import Email, Form, Line, Model, Name, Network, SecretRef, Whole
from inventory.lync import Lync
from inventory.site import Site


class Contact(Model):
    """Somebody the provider tells about incidents or orders."""

    name: Line
    email: Email
    phone: Line | None = None


class Calendar(Model):
    """The customer's working time; ``holidays`` is a country, or COUNTRY-SUBDIVISION."""

    timezone: Line = "UTC"
    """A zone of the IANA database, such as Europe/London."""
    holidays: (
        Annotated[str, Form(r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", "a country or its subdivision: GB, or GB-ENG")] | None
    ) = None
    """A country, or a country and its subdivision: GB, GB-ENG."""
    business_hours: Line = "Mon-Fri 08:00-18:00"
    """Days and hours, such as Mon-Fri 08:00-17:00."""
    change_window: Line | None = None
    """When requests may be applied, such as Sat 22:00-04:00; absent: the provider's hours."""


class Ike(Model):
    """How routers of a VPN prove who they are: exactly one of the two."""

    psk: SecretRef | None = None
    """A shared key of all routers of the VPN."""
    certificates: Name | None = None
    """An authority of [pki] that gives every router its certificate."""


class Vpn(Model):
    """One VPN of a customer [WV-1, WV-6]; ``id`` is its tunnel number, key and NHRP network-id."""

    id: Annotated[Whole, Field(ge=1, le=4094)]
    """Number of the VPN's tunnels, their key and their NHRP network-id."""
    hubs: Annotated[tuple[Name, ...], Field(min_length=1)]
    """The sites that every router of the VPN keeps tunnels to."""
    tunnel_network: Network
    """The network of the VPN's tunnel addresses."""
    summary: Network | None = None
    """What the hubs announce for the whole VPN."""
    asn: Annotated[Whole, Field(ge=1, le=4294967294)]
    """The BGP AS number of the VPN."""
    ike: Ike
    """How its routers prove who they are: psk or certificates."""
    nhrp_authentication: SecretRef | None = None
    """A text of at most 8 characters; it travels in clear."""
    bgp_password: SecretRef | None = None
    """Authenticates the BGP sessions in the tunnels."""


class Customer(Model):
    """One file under customers/."""

    customer: Name
    """The customer's key: the name of this file without .yaml."""
    name: Line
    contacts: dict[Name, Contact] = Field(default_factory=dict)
    """Whom to tell, by what about: incidents, orders."""
    calendar: Calendar = Calendar()
    vpns: Annotated[dict[Name, Vpn], Field(min_length=1)]
    """The VPNs by name; the first is always there, further ones are ordered [WV-6]."""
    sites: Annotated[dict[Name, Site], Field(min_length=1)]
    """The sites by name, one managed router each."""
    lync: Lync = Lync()
