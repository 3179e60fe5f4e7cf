"""Lync pools and servers of a customer [LY-1, LY-2, LY-4, LY-10]."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from inventory.fields import Address, CredentialName, Flag, Form, HostName, Line, Model, Name, Port, TimeOfDay, as_text


class Release(StrEnum):
    """The Lync Server releases that are managed."""

    LYNC_2010 = "2010"
    LYNC_2013 = "2013"


Fqdn = Annotated[
    str,
    Form(
        r"^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,63}$",
        "a full name: host and domain, as fe1.acme.example",
    ),
]
SipDomain = Annotated[
    str, Form(r"^([a-z0-9-]{1,63}\.){1,8}[a-z]{2,63}$", "a domain: one in lower case, as acme.example")
]


class Partner(Model):
    """An enterprise to federate with [LY-2]: partner platform, agreement of both, public certificate."""

    domain: Annotated[
        str, Form(r"^([a-z0-9-]{1,63}\.){1,8}[a-z]{2,63}$", "a domain: one in lower case, as partner.example")
    ]
    platform: Literal["lync-2010", "lync-2013", "ocs-2007", "lcs-2005"]
    agreed: Flag
    public_certificate: Flag


class PublicIm(Model):
    """Federation with public instant messaging [LY-2]: licences and a public certificate."""

    providers: Annotated[tuple[Name, ...], Field(min_length=1)]
    licences: Flag
    public_certificate: Flag


AccessNumber = Annotated[str, Form(r"^\+[1-9]\d{6,14}$", 'a number in international form, in quotes: "+442079460001"')]


class DialIn(Model):
    """Dial-in conferencing; 20 access numbers are included [LY-2]."""

    numbers: Annotated[tuple[AccessNumber, ...], Field(min_length=1)]
    region: Line
    language: Annotated[str, Form(r"^[a-z]{2}-[A-Z]{2}$", "a language: as en-GB")] = "en-GB"
    """What callers are greeted in first."""
    chargeable_numbers_agreed: Flag = False
    """Whether the customer agreed to pay for numbers beyond the 20 included."""


class UmContact(Model):
    """A contact object through which Lync reaches Exchange: subscriber access or an auto attendant."""

    sip: Annotated[
        str, Form(r"^[a-z0-9._-]{1,64}@([a-z0-9-]{1,63}\.){1,8}[a-z]{2,63}$", "a SIP address: as um@acme.example")
    ]
    number: AccessNumber
    ou: Annotated[
        str,
        Form(
            r"^(OU|CN)=[^=,\x00-\x1f\x7f]{1,64}(,(OU|CN|DC)=[^=,\x00-\x1f\x7f]{1,64}){1,15}$",
            "an organisational unit: as OU=Lync,DC=acme,DC=example",
        ),
    ]
    """Where in Active Directory the object is made."""
    auto_attendant: Flag = False


class ExchangeUm(Model):
    """Exchange unified messaging [LY-2]: the Exchange release, 2007 SP1 or later."""

    exchange: Annotated[
        Literal["2007", "2007-sp1", "2010", "2013"],
        BeforeValidator(as_text, json_schema_input_type=Literal["2007", "2007-sp1", "2010", "2013", 2007, 2010, 2013]),
    ]
    contacts: tuple[UmContact, ...] = ()
    """What is dialled for voice mail and attendants; needed to configure it."""


class Features(Model):
    """Ordered options of a pool [LY-2]; the standard features [LY-1] are always there."""

    external_access: Flag = False
    enterprise_voice: Flag = False
    exchange_um: ExchangeUm | None = None
    av_conferencing: Flag = False
    web_conferencing: Flag = False
    dial_in_conferencing: DialIn | None = None
    federation: tuple[Partner, ...] = ()
    public_im: PublicIm | None = None
    archiving: Flag = False
    monitoring: Flag = False


class Pool(Model):
    """A Lync pool at a site."""

    site: Name
    version: Annotated[Release, BeforeValidator(as_text, json_schema_input_type=Literal["2010", "2013", 2010, 2013])]
    resilience: Literal["none", "partial", "full"] = "none"
    """none, partial (box level), or full (more than one server) [LY-11]."""
    ntp: Address | None = None
    """The customer's NTP source; an edge server needs one [LY-10]."""
    fqdn: Fqdn | None = None
    """Its full name in the topology; dial-in conferencing and Exchange UM need it."""
    sip_domain: SipDomain | None = None
    """The domain of its SIP addresses; dial-in conferencing needs it."""
    features: Features = Features()


class ManagementLink(Model):
    """The dedicated management link that application support needs [LY-4]."""

    type: Literal["dsl", "mpls"]


class Window(Model):
    """An agreed maintenance window such as ``Sun 02:00-05:00``."""

    window: Line


class Backup(Model):
    """The daily backup hour of a server [LY-7]."""

    at: TimeOfDay


class Support(Model):
    """Application support and service desk [LY-4]: each feature of it as selected."""

    upgrades: Flag = False
    patching: Window | None = None
    backup: Backup | None = None
    reactive: Flag = False
    proactive: Flag = False


class LyncSnmp(Model):
    """How the server's SNMP agent is asked."""

    port: Port = 161
    credentials: CredentialName


class Server(Model):
    """One Lync server."""

    role: Literal["front_end", "standard_edition", "edge", "mediation", "director", "back_end", "monitoring"]
    pool: Name
    address: Address
    fqdn: Fqdn | None = None
    """Its full name, which its certificates are for; without it that is not checked."""
    credentials: CredentialName
    """An entry of [credentials] of kind winrm."""
    snmp: LyncSnmp | None = None
    management_link: ManagementLink | None = None
    """Needed where support is ordered [LY-4]."""
    support: Support | None = None


class Lync(Model):
    """All Lync of a customer."""

    pools: dict[Name, Pool] = Field(default_factory=dict)
    servers: dict[HostName, Server] = Field(default_factory=dict)
