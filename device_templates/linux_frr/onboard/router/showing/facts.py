"""Who this router is."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from .. import files, places
from ..system import uptime


def facts() -> dict[str, Any]:
    """Name, serial, model, version of what runs, and seconds since it booted."""
    try:
        identity = json.loads(files.read(places.IDENTITY) or "{}")
    except ValueError:
        identity = {}
    return {
        "hostname": socket.gethostname(),
        "serial": identity.get("serial") or _dmi("product_serial"),
        "model": identity.get("model") or _dmi("product_name"),
        "version": identity.get("version") or _version(),
        "uptime_s": int(uptime()),
    }


def _dmi(name: str) -> str:
    try:
        return Path(f"/sys/class/dmi/id/{name}").read_text().strip()
    except OSError:
        return ""


def _version() -> str:
    """The release of the system, then that of FRR where its package tells it."""
    return files.read(Path("/etc/debian_version")).strip()
