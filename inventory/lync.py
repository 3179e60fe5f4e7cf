"""Lync pools and servers of a customer [LY-1, LY-2, LY-4, LY-10]."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address
from typing import Annotated, Literal

from pydantic import Field

from inventory.fields import CredentialName, HostName, Line, Model, Name, TimeOfDay


class Release(StrEnum):
    """The Lync Server releases that are managed."""

    LYNC_2010 = "2010"
    LYNC_2013 = "2013"


class Partner(Model):
    """An enterprise to federate with [LY-2]: partner platform, agreement of both, public certificate."""

    domain: Annotated[str, Field(pattern=r"^[a-z0-9.-]+\.[a-z]{2,}$")]
    platform: Literal["lync-2010", "lync-2013", "ocs-2007", "lcs-2005"]
    agreed: bool
    public_certificate: bool


class PublicIm(Model):
    """Federation with public instant messaging [LY-2]: licences and a public certificate."""

    providers: Annotated[tuple[Name, ...], Field(min_length=1)]
    licences: bool
    public_certificate: bool


class DialIn(Model):
    """Dial-in conferencing; 20 access numbers are included [LY-2]."""

    numbers: Annotated[tuple[Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")], ...], Field(min_length=1)]
    region: Line
    chargeable_numbers_agreed: bool = False


class ExchangeUm(Model):
    """Exchange unified messaging [LY-2]: the Exchange release, 2007 SP1 or later."""

    exchange: Literal["2007", "2007-sp1", "2010", "2013"]


class Features(Model):
    """Ordered options of a pool [LY-2]; the standard features [LY-1] are always there."""

    external_access: bool = False
    enterprise_voice: bool = False
    exchange_um: ExchangeUm | None = None
    av_conferencing: bool = False
    web_conferencing: bool = False
    dial_in_conferencing: DialIn | None = None
    federation: tuple[Partner, ...] = ()
    public_im: PublicIm | None = None
    archiving: bool = False
    monitoring: bool = False


class Pool(Model):
    """A Lync pool at a site."""

    site: Name
    version: Release
    resilience: Literal["none", "partial", "full"] = "none"
    ntp: IPv4Address | None = None
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

    upgrades: bool = False
    patching: Window | None = None
    backup: Backup | None = None
    reactive: bool = False
    proactive: bool = False


class LyncSnmp(Model):
    """How the server's SNMP agent is asked."""

    port: Annotated[int, Field(ge=1, le=65535)] = 161
    credentials: CredentialName


class Server(Model):
    """One Lync server."""

    role: Literal["front_end", "standard_edition", "edge", "mediation", "director", "back_end", "monitoring"]
    pool: Name
    address: IPv4Address
    credentials: CredentialName
    snmp: LyncSnmp | None = None
    management_link: ManagementLink | None = None
    support: Support | None = None


class Lync(Model):
    """All Lync of a customer."""

    pools: dict[Name, Pool] = {}
    servers: dict[HostName, Server] = {}
