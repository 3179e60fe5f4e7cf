"""What a virtual Lync server is made of."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Port = Annotated[int, Field(ge=1, le=65535)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,62}$")]


class SnmpReader(BaseModel):
    """Who may read a server by SNMP: a community, or a user of v3; the protocols are the inventory's words."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    community: Annotated[str, Field(repr=False)] = ""
    user: str = ""
    auth: Annotated[str, Field(repr=False)] = ""
    auth_protocol: str = "sha256"
    priv: Annotated[str, Field(repr=False)] = ""
    priv_protocol: str = "aes128"


class WinrmDoor(BaseModel):
    """Who may log in to a server's WinRM listener, which is a stub, and the pool that its cmdlets know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    user: str
    password: Annotated[str, Field(repr=False)]
    pool: str
    release: str


class LyncServer(BaseModel):
    """One virtual Lync server: ``address`` behind the router ``behind``; this machine reaches it at ``listen``.

    ``ports`` says where each of its own ports is found there; ``sip`` and ``https`` are the own ports that serve.
    ``services`` are the display names of what runs, the main one first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name
    fqdn: str
    behind: Name
    address: IPv4Address
    listen: IPv4Address
    services: Annotated[tuple[str, ...], Field(min_length=1)]
    ports: dict[Port, Port] = Field(default_factory=dict)
    sip: tuple[Port, ...] = ()
    https: tuple[Port, ...] = ()
    snmp: SnmpReader | None = None
    winrm: WinrmDoor | None = None
    zone: str = "Europe/London"

    def reached(self, port: int) -> int:
        """Where this machine reaches one of its ports."""
        return self.ports.get(port, port)
