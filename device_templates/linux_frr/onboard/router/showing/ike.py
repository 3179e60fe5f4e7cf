"""What strongSwan tells: its SAs, errors, counters, keys and certificates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .. import files, places
from ..services import strongswan, vici
from ..system import run

_ERRORS = {
    "AUTHENTICATION_FAILED": (
        "N(AUTH_FAILED)",
        "received AUTHENTICATION_FAILED",
        "MAC mismatched",
        "no shared key found",
    ),
    "NO_PROPOSAL_CHOSEN": ("N(NO_PROP)", "received NO_PROPOSAL_CHOSEN"),
    "TS_UNACCEPTABLE": ("N(TS_UNACCEPT)",),
    "RETRANSMIT_GIVEN_UP": ("giving up after",),
}
_MOST_LINES = 40
_MOST_BYTES = 4 * 1024 * 1024


def ike(_: list[str]) -> dict[str, Any]:
    """All IKE SAs with their children."""
    return {"sas": vici.list_sas()}


def ipsec(arguments: list[str]) -> dict[str, Any]:
    """The SAs, of one far host where it is named, and the kernel's counters of what IPsec threw away."""
    sas = vici.list_sas()
    if arguments and sas is not None:
        sas = [sa for sa in sas if sa.get("remote-host") == arguments[0]]
    counters = (line.split() for line in files.read(Path("/proc/net/xfrm_stat")).splitlines())
    return {"sas": sas, "xfrm": {words[0]: int(words[1]) for words in counters if len(words) == 2}}


def ike_errors(_: list[str]) -> dict[str, Any]:
    """How often IKE failed since charon started, and the last lines that tell it."""
    counted = dict.fromkeys(_ERRORS, 0)
    lines: list[str] = []
    for line in _charons_log().splitlines():
        kind = next((name for name, marks in _ERRORS.items() if any(mark in line for mark in marks)), "")
        if kind:
            counted[kind] += 1
            lines.append(line[:300])
    return {"errors": counted, "lines": lines[-_MOST_LINES:]}


def ike_requests(_: list[str]) -> dict[str, Any]:
    """charon's counters of IKE messages."""
    return {"counters": {name: int(value) for name, value in vici.counters().items() if value.isdecimal()}}


def keys(_: list[str]) -> dict[str, Any]:
    """The shared secrets in swanctl.conf: the fleet compares them by their fingerprints."""
    text = files.read(places.ROOT / strongswan.FILE)
    found = []
    for block in re.finditer(r"(?<![\w-])(ike[\w-]*)\s*\{([^{}]*)\}", text):
        secret = re.search(r'\bsecret\s*=\s*("(?:[^"\\]|\\.)*"|\S+)', block[2])
        ids = re.findall(r'\bid[\w-]*\s*=\s*("(?:[^"\\]|\\.)*"|\S+)', block[2])
        if secret:
            found.append({"name": block[1], "ids": [one.strip('"') for one in ids], "secret": secret[1].strip('"')})
    return {"secrets": found}


def certificates(_: list[str]) -> dict[str, Any]:
    """The certificates on the router's disk; those with a private key beside them are its own."""
    found = []
    for path in sorted(Path("/etc/swanctl").glob("x509*/*.pem")):
        own = path.parent.name == "x509"
        found.append({"own": own, "file": f"{path.parent.name}/{path.name}", **_certificate(path)})
    return {"certificates": found}


def _certificate(path: Path) -> dict[str, Any]:
    asked = ("-subject", "-issuer", "-serial", "-startdate", "-enddate", "-dateopt", "iso_8601", "-nameopt", "RFC2253")
    done = run("openssl", "x509", "-in", str(path), "-noout", *asked, timeout_s=10)
    told = dict(line.split("=", 1) for line in done.out.splitlines() if "=" in line)
    return {
        "subject": told.get("subject", ""),
        "issuer": told.get("issuer", ""),
        "serial": told.get("serial", "").lower(),
        "not_before": told.get("notBefore", "").replace(" ", "T"),
        "not_after": told.get("notAfter", "").replace(" ", "T"),
    }


def _charons_log() -> str:
    try:
        with Path(strongswan.LOG).open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(0, size - _MOST_BYTES))
            return log.read().decode(errors="replace")
    except OSError:
        return ""
