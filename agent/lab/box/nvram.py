"""Keeps a router's state in a directory, so that the lab process can stop, be killed, and go on."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.lab.box.flash import Flash
from agent.lab.box.records import Faults, PendingRevert, SnmpUser
from agent.lab.config import ConfigTree
from agent.lab.errors import LabStateError
from agent.lab.models import Chassis
from agent.lab.pki.client import PkiState

if TYPE_CHECKING:
    from agent.lab.router import VirtualRouter

_PLAIN = (
    "startup", "powered", "ready_at", "boots", "reload_reason", "running_changed", "running_saved",
    "startup_changed", "changed_by", "saved_by", "licence_booted",
)  # fmt: skip


def store(router: VirtualRouter, path: Path) -> None:
    """Write the state whole, then put it in place of the old one."""
    state: dict[str, Any] = {name: getattr(router, name) for name in _PLAIN}
    state["chassis"] = asdict(router.chassis)
    state["running"] = router.running.render()
    state["host_key"] = router.host_key.decode()
    state["flash"] = {
        "size": router.flash.size,
        "base": router.flash.base,
        "written": router.flash.written,
        "files": {name: base64.b64encode(data).decode() for name, data in router.flash.files.items()},
    }
    state["snmp_users"] = [_user(user) for user in router.snmp_users.values()]
    state["saved_snmp_users"] = [_user(user) for user in router.saved_snmp_users.values()]
    state["revert"] = asdict(router.revert) if router.revert else None
    state["faults"] = asdict(router.faults)
    state["pki"] = asdict(router.pki)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(state, file)
    new.replace(path)


def fetch(router: VirtualRouter, path: Path) -> bool:
    """Give ``router`` the state that was stored; False where there is none. Raises LabStateError."""
    if not path.exists():
        return False
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        for name in _PLAIN:
            setattr(router, name, state[name])
        router.chassis = Chassis(**state["chassis"])
        router.running = ConfigTree.parse(state["running"])
        router.host_key = state["host_key"].encode()
        router.flash = Flash(state["flash"]["size"], state["flash"]["base"])
        router.flash.written = state["flash"]["written"]
        router.flash.files = {name: base64.b64decode(data) for name, data in state["flash"]["files"].items()}
        for name in ("snmp_users", "saved_snmp_users"):
            users = [SnmpUser(**{**row, "engine_id": bytes.fromhex(row["engine_id"])}) for row in state[name]]
            setattr(router, name, {user.name: user for user in users})
        router.revert = PendingRevert(**state["revert"]) if state["revert"] else None
        stall = {command: (text, seconds) for command, (text, seconds) in state["faults"].pop("stall").items()}
        router.faults = Faults(**state["faults"], stall=stall)
        router.pki = PkiState(**state["pki"])
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise LabStateError(f"{path}: not the state of a virtual router ({error}); remove it to start anew") from error
    return True


def _user(user: SnmpUser) -> dict[str, Any]:
    return {**asdict(user), "engine_id": user.engine_id.hex()}
