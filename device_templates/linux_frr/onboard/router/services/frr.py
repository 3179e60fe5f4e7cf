"""One FRR for each VPN: four daemons in its namespace, replaced by frr-reload so that what is unchanged stays up."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from .. import files, places
from ..errors import Rejected, RouterError
from ..system import must, run, side_by_side
from . import vty
from .daemons import Daemon, ensure, running, stop

DAEMONS = ("zebra", "staticd", "bgpd", "nhrpd")
_VTYSH = "service integrated-vtysh-config\n"
_NOISE = ("% Can't open configuration file", "Building configuration...", "Current configuration:", "frr version ", "!")


def daemons_of(vpn: str, text: str) -> list[Daemon]:
    """The daemons of a VPN; those with a `agentx` line also load FRR's SNMP module."""
    made = []
    for program in DAEMONS:
        arguments = ["-N", vpn, "-A", "127.0.0.1", "-P", "0", "--log", "syslog"]
        arguments += ["-s", "9000000"] if program == "zebra" else []
        arguments += ["-M", "snmp"] if program in ("zebra", "bgpd") and "\nagentx\n" in f"\n{text}" else []
        name = f"frr/{vpn}/{program}"
        made.append(Daemon(name, program, tuple(arguments), vpn, ready=f"/run/frr/{vpn}/{program}.vty"))
    return made


def check_frr(path: str, text: str) -> None:
    """Have vtysh read a configuration without running it; raises Rejected with its words."""
    folder = places.CHECK
    files.write(folder / "vtysh.conf", _VTYSH)
    files.write(folder / "frr.conf", text)
    done = run("vtysh", "--config_dir", str(folder), "-C", "-f", str(folder / "frr.conf"))
    (folder / "frr.conf").unlink(missing_ok=True)
    if done.code != 0:
        raise Rejected(f"vtysh refuses {path}: {_clean(done.words)}")


def write_frr(vpn: str, text: str) -> None:
    """Put a configuration where the VPN's daemons and vtysh look for it."""
    owner = _owner()
    for folder in (Path("/run/frr"), Path("/run/frr") / vpn, Path("/etc/frr"), Path("/etc/frr") / vpn):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        os.chown(folder, *owner)
    files.write(Path(f"/etc/frr/{vpn}/vtysh.conf"), _VTYSH, mode=0o640, owner=owner)
    files.write(Path(f"/etc/frr/{vpn}/frr.conf"), text, mode=0o640, owner=owner)


def apply_frr(vpn: str, text: str, *, anew: bool) -> None:
    """Make a VPN's FRR run exactly ``text``; ``anew`` starts its daemons again instead of reloading them."""
    wanted = daemons_of(vpn, text)
    # One that hangs would keep frr-reload for two minutes, and take nothing.
    if anew or not all(_processes(vpn)) or not _answers(vpn):
        for daemon in reversed(wanted):
            stop(daemon.name)
        write_frr(vpn, text)
        _start(vpn, wanted)
        return
    write_frr(vpn, text)
    # In a folder of its own, and not with -N, frr-reload does not write FRR's own rendering over the configuration.
    folder = places.RUN / "reload" / vpn
    folder.mkdir(parents=True, exist_ok=True)
    files.write(folder / "vtysh.conf", _VTYSH)
    files.write(folder / "frr.conf", _with_hidden_line(text))
    done = run(
        "frr-reload.py",
        *("--reload", "--stdout", "--log-level", "error", "--confdir", str(folder)),
        *("--vty_socket", f"/run/frr/{vpn}", "--rundir", f"/run/frr/{vpn}", str(folder / "frr.conf")),
        timeout_s=120,
    )
    (folder / "frr.conf").unlink(missing_ok=True)
    if done.code != 0:
        raise Rejected(f"frr-reload refuses etc/frr/{vpn}/frr.conf: {_clean(done.words)}")


def restart_frr(vpn: str, daemon: Daemon) -> None:
    """Start one daemon of a VPN that died, and give it its part of the configuration."""
    try:
        if ensure([daemon]):
            file = f"/etc/frr/{vpn}/frr.conf"
            must(run("vtysh", "-N", vpn, "-d", daemon.program, "-f", file), f"the part of {daemon.name}", Rejected)
    except RouterError:
        # Without its part it must not go on running: nobody would see that it still has none.
        stop(daemon.name)
        raise


def remove_frr(vpn: str) -> None:
    """End a VPN's FRR and remove its files."""
    for program in reversed(DAEMONS):
        stop(f"frr/{vpn}/{program}")
    for name in ("frr.conf", "vtysh.conf"):
        files.remove(Path(f"/etc/frr/{vpn}/{name}"))


def running_frr(vpn: str) -> str:
    """What a VPN's FRR runs, as it writes it, without the lines that frame it; empty where one of its daemons is dead.

    vtysh leaves out what a dead daemon would say and calls that success: a part of a configuration is none. So all must
    live and answer before, and be the same after.
    """
    alive = _processes(vpn)
    whole = all(alive) and _answers(vpn)
    done = run("vtysh", "-N", vpn, "-c", "show running-config", timeout_s=20) if whole else None
    if done is None or done.code != 0 or _processes(vpn) != alive:
        return ""
    lines = [line for line in done.out.splitlines() if line.strip() and not line.lstrip().startswith(_NOISE)]
    return "".join(f"{line}\n" for line in lines if line != "end")


def _processes(vpn: str) -> list[int]:
    return [running(f"frr/{vpn}/{program}") for program in DAEMONS]


def _answers(vpn: str) -> bool:
    """Whether each daemon of a VPN answers on its own socket, where vtysh asks it too."""
    return all(side_by_side(lambda program: vty.answers(vpn, program), DAEMONS).values())


def _with_hidden_line(text: str) -> str:
    """The configuration with the line that FRR shows of itself: frr-reload takes what is missing for unwanted.

    Without it every reload would turn the forwarding of IPv6 on.
    """
    return text if "\nipv6 forwarding\n" in f"\n{text}" else f"no ipv6 forwarding\n{text}"


def _start(vpn: str, wanted: list[Daemon]) -> None:
    ensure(wanted[:1])
    ensure(wanted[1:])
    done = run("vtysh", "-N", vpn, "-f", f"/etc/frr/{vpn}/frr.conf", timeout_s=60)
    if done.code != 0:
        raise Rejected(f"vtysh refuses etc/frr/{vpn}/frr.conf: {_clean(done.words)}")


def _owner() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("frr")
    except KeyError:
        raise Rejected("FRR is not installed on this router: there is no user frr") from None
    return entry.pw_uid, entry.pw_gid


def _clean(words: str) -> str:
    return "\n".join(line for line in words.splitlines() if not line.startswith(_NOISE[:1])) or "it does not say why"
