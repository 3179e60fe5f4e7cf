"""The chassis that the lab has, from data, and the configuration that each has out of the box."""

from __future__ import annotations

import hashlib
import re
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
    system: str = "xe"  # xe or ios
    licence: str | None = None  # what it is licensed for out of the box


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
            row.get("system", "xe"),
            row.get("licence"),
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
    """What a router out of the box runs: every port; a console that lets anybody in; no way in from outside.

    Its certificates are its own: that of the licence root, and one that it made for itself.
    """
    kind = model(chassis.model)
    return _blank_ios(chassis, kind) if kind.system == "ios" else _blank_xe(chassis, kind)


def version_line(chassis: Chassis) -> str:
    """The release as configurations name it: ``version 15.7``, or ``version 17.9``."""
    return "version " + ".".join(re.findall(r"\d+", chassis.release)[:2])


def _blank_ios(chassis: Chassis, kind: Model) -> str:
    rows = [version_line(chassis), "service timestamps debug datetime msec", "service timestamps log datetime msec"]
    rows += ["hostname Router", "boot-start-marker", "boot-end-marker", "no aaa new-model", "ip cef", "no ipv6 cef"]
    rows += ["multilink bundle-name authenticated", f"license udi pid {kind.name} sn {chassis.serial}", "redundancy"]
    for port in kind.routed:
        service = port.startswith("Embedded")
        rows += [
            f"interface {port}",
            " no ip address",
            *([" shutdown"] if service else [" duplex auto", " speed auto"]),
        ]
    rows += [row for port in kind.switched for row in (f"interface {port}", " no ip address")]
    if kind.switched:
        rows += ["interface Vlan1", " no ip address"]
    rows += ["ip forward-protocol nd", "no ip http server", "no ip http secure-server"]
    rows += ["control-plane", "line con 0", "line aux 0"]
    rows += ["line 2", " no activation-character", " no exec", " transport preferred none", " stopbits 1"]
    rows += ["line vty 0 4", " login", " transport input none", "scheduler allocate 20000 1000", "end", ""]
    return "\n".join(rows)


def _blank_xe(chassis: Chassis, kind: Model) -> str:
    own = f"TP-self-signed-{int.from_bytes(chassis.mac[2:], 'big')}"
    rows = [
        version_line(chassis),
        "service timestamps debug datetime msec",
        "service timestamps log datetime msec",
    ]
    rows += ["platform qfp utilization monitor load 80", "hostname Router", "boot-start-marker", "boot-end-marker"]
    rows += ["no aaa new-model", "login on-success log", "subscriber templating"]
    rows += ["crypto pki trustpoint SLA-TrustPoint", " enrollment pkcs12", " revocation-check crl"]
    rows += [f"crypto pki trustpoint {own}", " enrollment selfsigned", f" subject-name cn=IOS-{own}"]
    rows += [" revocation-check none", f" rsakeypair {own}"]
    rows += ["crypto pki certificate chain SLA-TrustPoint", *_certificate("ca 01", "licence root")]
    rows += [f"crypto pki certificate chain {own}", *_certificate("self-signed 01", chassis.serial)]
    rows += [f"license udi pid {kind.name} sn {chassis.serial}", "diagnostic bootup level minimal"]
    rows += ["spanning-tree extend system-id", "redundancy", " mode none"]
    for port in kind.routed:
        rows += [f"interface {port}", " no ip address", " negotiation auto"]
    rows += [f"interface {port}" for port in kind.switched]
    if kind.switched:
        rows += ["interface Vlan1", " no ip address"]
    rows += ["ip forward-protocol nd", "no ip http server", "ip http secure-server"]
    rows += ["control-plane", "line con 0", " transport input none", " stopbits 1"]
    rows += ["line vty 0 4", " login", " transport input ssh", "end", ""]
    return "\n".join(rows)


def _certificate(name: str, seed: str) -> list[str]:
    """The lines of a certificate: as long as a real one, made from ``seed``, of no use to anybody."""
    digits = "".join(hashlib.sha512(f"{seed} {part}".encode()).hexdigest() for part in range(12)).upper()
    words = [digits[at : at + 8] for at in range(0, len(digits), 8)]
    rows = [" ".join(words[at : at + 8]) + " " for at in range(0, len(words), 8)]
    return [f" certificate {name}", *(f"  {row}" for row in rows), "  \tquit"]
