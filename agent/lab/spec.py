"""What a lab is made of: the file ``spec.json`` in a lab directory, mode 0600 because it holds the centre's key."""

from __future__ import annotations

import os
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.lab.errors import LabError
from agent.lab.lync.spec import LyncServer

SPEC_FILE = "spec.json"

#: What is stamped on a chassis, as a regular expression.
SERIAL = r"[A-Z0-9]{8,14}"

Port = Annotated[int, Field(ge=1, le=65535)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,62}$")]


class Record(BaseModel):
    """A frozen record; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class IspAccess(Record):
    """What the provider delivers on the WAN port: the address it routes to this line, and its gateway.

    With ``dhcp`` the provider leases ``address``; otherwise the router must be configured with it. With ``public`` a
    modem in between translates: the internet sees the router at ``public``.
    """

    interface: str
    address: IPv4Interface
    gateway: IPv4Address
    dhcp: bool = False
    public: IPv4Address | None = None
    kbps: Annotated[int, Field(gt=0)] = 100_000

    @model_validator(mode="after")
    def _gateway_is_on_link(self) -> Self:
        if self.gateway not in self.address.network or self.gateway == self.address.ip:
            raise ValueError(f"gateway {self.gateway} is not a neighbour of {self.address}")
        return self


class Primary(Record):
    """The primary access's router on the same LAN: HSRP group ``group``, and the networks that it leads to.

    It announces ``priority``, less ``decrement`` while its own access is down. ``key`` is HSRP's MD5 key.
    """

    address: IPv4Address
    group: Annotated[int, Field(ge=0, le=4095)]
    networks: tuple[IPv4Network, ...] = ()
    priority: Annotated[int, Field(ge=0, le=255)] = 110
    decrement: Annotated[int, Field(ge=0, le=255)] = 20
    version: Annotated[int, Field(ge=1, le=2)] = 2
    key: Annotated[str, Field(repr=False)] = ""


class LanPort(Record):
    """One port with a cable in it, and the addresses of the hosts behind it that answer.

    ``crowded``: there is a host at every address of the LAN, and of networks behind it.
    """

    interface: str
    hosts: tuple[IPv4Address, ...] = ()
    crowded: bool = False
    primary: Primary | None = None


class Device(Record):
    """One virtual router. ``listen`` is where this machine reaches it, ``management`` its address inside the tunnel.

    ``initial`` is a configuration that the router starts with; without it the router starts blank, as from the box.
    """

    name: Name
    model: str
    serial: Annotated[str, Field(pattern=f"^{SERIAL}$")]
    release: Annotated[str, Field(pattern=r"^\d+\.\d+(\.\d+[a-z]?|\(\d+\)[A-Z]*\d*[a-z]?)?$")]
    access: IspAccess
    lan: tuple[LanPort, ...] = ()
    management: IPv4Address
    listen: IPv4Address
    ssh_port: Port = 2022
    snmp_port: Port = 1161
    initial: Annotated[str | None, Field(repr=False)] = None


class Centre(Record):
    """The management centre's end of the management tunnels; ``ike_psk`` is the key itself.

    ``manager`` is the address that devices see SSH, SNMP and ping come from; not given, the first of ``networks``.
    """

    peer: IPv4Address
    identity: str
    domain: str
    tunnel_peer: IPv4Address
    networks: Annotated[tuple[IPv4Network, ...], Field(min_length=1)]
    ike_psk: Annotated[str, Field(repr=False, min_length=1)]
    manager: IPv4Address | None = None

    @property
    def source(self) -> IPv4Address:
        """Where SSH, SNMP and ping come from, as devices see it."""
        return self.manager or next(self.networks[0].hosts())


class Authority(Record):
    """A certificate authority that issues to every router of the lab that enrols at ``url`` with ``fingerprint``."""

    url: str
    fingerprint: str
    name: Name = "lab-ca"


class LabSpec(Record):
    """A whole lab. ``speed`` is how many lab seconds pass in one real second.

    Every address of ``internet`` that is no router's is a host that answers.
    """

    devices: Annotated[tuple[Device, ...], Field(min_length=1)]
    centre: Centre
    internet: tuple[IPv4Network, ...] = ()
    authorities: tuple[Authority, ...] = ()
    servers: tuple[LyncServer, ...] = ()
    speed: Annotated[float, Field(gt=0, le=1000)] = 1.0

    @model_validator(mode="after")
    def _unique(self) -> Self:
        for what, values in {
            "name": [*(device.name for device in self.devices), *(server.name for server in self.servers)],
            "serial": [device.serial for device in self.devices],
            "management address": [str(device.management) for device in self.devices],
            "internet address": [str(device.access.public or device.access.address.ip) for device in self.devices],
            "server's address": [str(server.listen) for server in self.servers],
            "SSH socket": [f"{device.listen}:{device.ssh_port}" for device in self.devices],
            "SNMP socket": [f"{device.listen}:{device.snmp_port}" for device in self.devices],
        }.items():
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"two devices with the same {what}: {', '.join(twice)}")
        routers = {device.name for device in self.devices}
        lost = [server.name for server in self.servers if server.behind not in routers]
        if lost:
            raise ValueError(f"servers behind a router that the lab has not: {', '.join(lost)}")
        return self

    def device(self, name: str) -> Device:
        """The device ``name``; LabError when the lab has none."""
        for device in self.devices:
            if device.name == name:
                return device
        known = ", ".join(device.name for device in self.devices)
        raise LabError(f"the lab has no device {name}; it has: {known}")


def write_spec(directory: Path, spec: LabSpec) -> None:
    """Put ``spec`` into ``directory`` for its owner's eyes only; it replaces an older one in one step."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = directory / f"{SPEC_FILE}.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(spec.model_dump_json(indent=1))
    new.replace(directory / SPEC_FILE)


def read_spec(directory: Path) -> LabSpec:
    """The lab of ``directory``; LabError says what is wrong with its file."""
    path = directory / SPEC_FILE
    try:
        return LabSpec.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LabError(f"{path}: there is no lab here; start one with lab up") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise LabError(f"{path}: cannot be read ({problem.__class__.__name__})") from problem
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise LabError(f"{path}: {place}: {first['msg']}") from None
