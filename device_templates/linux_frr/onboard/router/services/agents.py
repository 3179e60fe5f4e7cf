"""The daemons that read one file each: sshd, snmpd, rsyslogd, chronyd and keepalived."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
from pathlib import Path

from .. import files, places
from ..errors import Rejected
from ..system import must, rehearse, run
from .daemons import Daemon

CHRONY = "etc/chrony/"
_CHRONY = f"{CHRONY}chrony.conf"


def daemon_of(path: str) -> Daemon | None:
    """The daemon that reads ``path``; None where none does."""
    snmp = re.fullmatch(r"etc/snmp/(?:([^/]+)/)?snmpd\.conf", path)
    alive = re.fullmatch(r"etc/keepalived/([^/]+)\.conf", path)
    if snmp:
        return _snmpd(snmp[1] or "")
    if alive:
        run_folder = f"/run/keepalived-{alive[1]}"
        pids = ("-p", f"{run_folder}.pid", "-r", f"{run_folder}-vrrp.pid", "-c", f"{run_folder}-checkers.pid")
        return Daemon(f"keepalived/{alive[1]}", "keepalived", ("-n", "-l", "-P", *pids, "-f", f"/{path}"), alive[1])
    if path == "etc/ssh/sshd_config":
        return Daemon("sshd", "sshd", ("-D", "-f", f"/{path}"), listens=True)
    if path == "etc/rsyslog.conf":
        return Daemon("rsyslogd", "rsyslogd", ("-n", "-i", "/run/spokesman/rsyslogd.pid", "-f", f"/{path}"))
    if path == CHRONY:
        return Daemon("chronyd", "chronyd", ("-d", *(("-x",) if _foreign_clock() else ()), "-f", f"/{_CHRONY}"))
    return None


def prepare(path: str, text: str) -> None:
    """What has to be there before the daemon of ``path`` is started."""
    if path == "etc/ssh/sshd_config":
        _host_keys(text)
    elif path.startswith("etc/snmp/"):
        _forget_snmp_users(_persistent(path))
    elif path == "etc/rsyslog.conf":
        Path("/var/spool/rsyslog").mkdir(parents=True, exist_ok=True)
    elif path == CHRONY:
        _chrony_folder()


def _chrony_folder() -> None:
    """chronyd makes the socket that chronyc asks by after it has put root aside, so the folder has to be its user's."""
    folder = Path("/run/chrony")
    folder.mkdir(mode=0o750, exist_ok=True)
    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam("_chrony")
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def _host_keys(text: str) -> None:
    """Make the keys that sshd is to have and that are not there yet: they are the router's own, in no document."""
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    for key in re.findall(r"^\s*HostKey\s+(\S+)", text, re.MULTILINE):
        if not Path(key).exists():
            kind = next((kind for kind in ("ecdsa", "rsa") if kind in key), "ed25519")
            must(run("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key), f"to make the host key {key}", Rejected)


def check_agent(path: str, text: str) -> None:
    """Have the program that reads ``path`` look at its new content without running it; raises Rejected."""
    folder = places.CHECK / "agent"
    folder.mkdir(mode=0o700, exist_ok=True)
    tried = folder / Path(path).name
    files.write(tried, text)
    checks: dict[str, tuple[str, ...]] = {
        "sshd_config": ("sshd", "-t", "-f", str(tried)),
        "rsyslog.conf": ("rsyslogd", "-N1", "-f", str(tried)),
        "chrony": ("chronyd", "-p", "-f", str(tried)),
    }
    command = checks.get(tried.name)
    if tried.name == "sshd_config":
        _host_keys(text)
    try:
        if path.startswith("etc/keepalived/"):
            names = re.findall(r"\b(?:interface|dev)\s+([A-Za-z][\w.-]*)", text)
            must(rehearse(names, "keepalived", "-t", "-l", "-f", str(tried)), path, Rejected)
        elif command:
            must(run(*command), path, Rejected)
    finally:
        tried.unlink(missing_ok=True)


def _snmpd(vpn: str) -> Daemon:
    own = f"/etc/snmp/{vpn}/snmpd.conf" if vpn else "/etc/snmp/snmpd.conf"
    kept = f"/var/lib/snmp/{vpn}".rstrip("/")
    # The persistent file first: the engine's boots go on counting, and a new password of ours wins over the old key.
    arguments = ("-f", "-Lsd", "-r", "-C", "-c", f"{kept}/snmpd.conf,{own}")
    return Daemon(f"snmpd/{vpn}".rstrip("/"), "snmpd", arguments, vpn, {"SNMP_PERSISTENT_DIR": kept})


def _persistent(path: str) -> Path:
    vpn = path.removeprefix("etc/snmp/").removesuffix("snmpd.conf").strip("/")
    return Path("/var/lib/snmp") / vpn


def _forget_snmp_users(folder: Path) -> None:
    """Remove the users that a former configuration made: snmpd keeps them in its own file, and would let them in."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = files.read(folder / "snmpd.conf")
    lines = [line for line in kept.splitlines() if not line.lstrip().startswith(("usmUser", "createUser"))]
    left = "".join(f"{line}\n" for line in lines)
    if left != kept:
        files.write(folder / "snmpd.conf", left)


def _foreign_clock() -> bool:
    """Whether the clock is another's, as in a container: then chronyd only watches it."""
    try:
        return bool(json.loads(files.read(places.IDENTITY) or "{}").get("clock") == "foreign")
    except (ValueError, AttributeError):
        return False
