"""Where everything lies on the router."""

from __future__ import annotations

import grp
import os
from contextlib import suppress
from pathlib import Path

ROOT = Path("/")
IDENTITY = Path("/etc/spokesman/identity.json")
LOG = Path("/var/log/spokesman-router.log")

# Survives a reboot.
STATE = Path("/var/lib/spokesman")
CONFIRMED = STATE / "confirmed"
TRIAL = STATE / "trial"
STAGED = STATE / "staged"
STAGED_MODE = STATE / "staged.mode"
JOURNAL = STATE / "journal.json"
HOME = STATE / "home"

# Of this boot only.
RUN = Path("/run/spokesman")
SOCKET = RUN / "control"
LOCK = RUN / "apply.lock"
ALONE = RUN / "serve.lock"
APPLIED = RUN / "applied"
DAEMONS = RUN / "daemons"
CHECK = RUN / "check"
LEASE = RUN / "lease.json"
MADE = RUN / "made"
WATCH = RUN / "watch"
SAVED = RUN / "saved"
NAMESPACES = Path("/run/netns")
GROUP = "spokesman"


def make() -> None:
    """Make the program's own folders; what may hold secrets is for root only."""
    for folder, mode in ((STATE, 0o700), (RUN, 0o755), (APPLIED, 0o700), (DAEMONS, 0o700), (CHECK, 0o700)):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)


def share_socket() -> None:
    """Open the control socket to the group of people's logins, once there is one."""
    with suppress(KeyError, OSError):
        os.chown(SOCKET, 0, grp.getgrnam(GROUP).gr_gid)
        SOCKET.chmod(0o660)
