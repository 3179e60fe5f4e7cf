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
    holidays: (
        Annotated[str, Form(r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", "a country or its subdivision: GB, or GB-ENG")] | None
    ) = None
    business_hours: Line = "Mon-Fri 08:00-18:00"


class Ike(Model):
    """How routers of a VPN prove who they are: exactly one of the two."""

    psk: SecretRef | None = None
    certificates: Name | None = None


class Vpn(Model):
    """One VPN of a customer [WV-1, WV-6]; ``id`` is its tunnel number, key and NHRP network-id."""

    id: Annotated[Whole, Field(ge=1, le=4094)]
    hubs: Annotated[tuple[Name, ...], Field(min_length=1)]
    tunnel_network: Network
    summary: Network | None = None
    asn: Annotated[Whole, Field(ge=1, le=4294967294)]
    ike: Ike
    nhrp_authentication: SecretRef | None = None
    bgp_password: SecretRef | None = None


class Customer(Model):
    """One file under customers/."""

    customer: Name
    name: Line
    contacts: dict[Name, Contact] = Field(default_factory=dict)
    calendar: Calendar = Calendar()
    vpns: Annotated[dict[Name, Vpn], Field(min_length=1)]
    sites: Annotated[dict[Name, Site], Field(min_length=1)]
    lync: Lync = Lync()
