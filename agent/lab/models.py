"""The chassis that the lab has, from data, and the configuration that each has out of the box."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from agent.lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Model:
    """One kind of box."""

    name: str
    description: str
    family: str
    image: str
    processor: str
    routed: tuple[str, ...]
    switched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chassis:
    """What is written on the box: it survives everything but a replacement."""

    model: str
    serial: str
    release: str

    @property
    def mac(self) -> bytes:
        """The base MAC address, made from the serial number."""
        return b"\x00\x1e" + hashlib.sha256(self.serial.encode()).digest()[:4]


@lru_cache(maxsize=1)
def models() -> dict[str, Model]:
    """All models by name."""
    text = (resources.files("agent.lab") / "data" / "models.toml").read_text(encoding="utf-8")
    return {
        name: Model(
            name,
            row["description"],
            row["family"],
            row["image"],
            row["processor"],
            tuple(row["routed"]),
            tuple(row["switched"]),
        )
        for name, row in tomllib.loads(text).items()
    }


def model(name: str) -> Model:
    """The model ``name``. Raises LabError where the lab has none of these."""
    try:
        return models()[name]
    except KeyError:
        known = ", ".join(sorted(models()))
        raise LabError(f"the lab has no model {name}: choose one of {known}") from None


def blank_configuration(chassis: Chassis) -> str:
    """What a router out of the box runs: every port, down; a console that lets anybody in; no way in from outside."""
    kind = model(chassis.model)
    rows = [
        f"version {chassis.release}",
        "service timestamps debug datetime msec",
        "service timestamps log datetime msec",
    ]
    rows += ["hostname Router", "boot-start-marker", "boot-end-marker", "no aaa new-model"]
    rows += ["login on-success log", f"license udi pid {kind.name} sn {chassis.serial}"]
    for port in kind.routed:
        rows += [f"interface {port}", " no ip address", " shutdown", " negotiation auto"]
    for port in kind.switched:
        rows += [f"interface {port}"]
    if kind.switched:
        rows += ["interface Vlan1", " no ip address"]
    rows += ["ip forward-protocol nd", "ip http server", "ip http secure-server"]
    rows += ["control-plane", "line con 0", " stopbits 1", "line vty 0 4", " login", " transport input ssh", "end", ""]
    return "\n".join(rows)
