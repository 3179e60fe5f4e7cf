"""The parts of a configuration: which files are applied together, and who checks, runs and removes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import files, places
from ..network.apply import apply_network
from ..network.lease import client
from ..network.settings import FILE as NETWORK
from ..network.settings import read_settings
from ..services import agents, frr, kernel, strongswan, users
from ..services.daemons import Daemon, ensure, stop

Files = Mapping[str, str]
SWANCTL = "etc/swanctl/"
_FOLDERS = (SWANCTL, agents.CHRONY)


@dataclass(frozen=True)
class Part:
    """Files that are applied together; ``key`` is their path, or the folder of several."""

    key: str
    files: Files

    @property
    def text(self) -> str:
        """What a part of one file holds."""
        return next(iter(self.files.values()), "")

    @property
    def whole(self) -> str:
        """All that the part's files hold, as one text."""
        return "\0".join(f"{path}\0{self.files[path]}" for path in sorted(self.files))


@dataclass(frozen=True)
class Handler:
    """What is done with a part; ``runs`` asks the program that took it what it has, so that drift is seen.

    What is applied ``from_text`` needs no file for it, and runs even where the disk takes none.
    """

    check: Callable[[Part], object]
    apply: Callable[[Part, bool], object]
    remove: Callable[[str], object]
    daemons: Callable[[Part], list[Daemon]] = lambda _: []
    revive: Callable[[Part, Daemon], object] = lambda _, daemon: ensure([daemon])
    runs: Callable[[str], str] | None = None
    from_text: bool = False


def parts(among: Files) -> list[Part]:
    """The parts of a set in the order in which they are applied: ways first, then those that use them."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(among):
        key = next((folder for folder in _FOLDERS if path.startswith(folder)), path)
        found.setdefault(key, {})[path] = among[path]
    made = [Part(key, content) for key, content in found.items()]
    return sorted(made, key=lambda part: (_rank(part.key), part.key))


def vpn_of(path: str) -> str:
    """The VPN whose file this is; empty for files of the front door."""
    words = path.split("/")
    if words[1] in ("frr", "snmp") and len(words) == 4:
        return words[2]
    if words[1] in ("nftables", "keepalived") and words[2] != "front-door.nft":
        return words[2].rpartition(".")[0]
    return ""


def handler(key: str) -> Handler:
    """Who deals with the part of this key."""
    return _HANDLERS[_rank(key)][1]


def write(part: Part) -> None:
    """Put the part's files where they belong."""
    if part.key.startswith("etc/frr/"):
        frr.write_frr(vpn_of(part.key), part.text)
        return
    for path, content in part.files.items():
        place = places.ROOT / path
        place.parent.mkdir(parents=True, exist_ok=True)
        files.write(place, content)
    if part.key == SWANCTL:
        for place in sorted(Path("/etc/swanctl").glob("*/*.pem")):
            if str(place).lstrip("/") not in part.files:
                files.remove(place)


def _rank(key: str) -> int:
    return next(number for number, (start, _) in enumerate(_HANDLERS) if key.startswith(start))


def _agents(part: Part) -> list[Daemon]:
    daemon = agents.daemon_of(part.key)
    return [daemon] if daemon else []


def _apply_agent(part: Part, _anew: bool) -> None:
    for daemon in _agents(part):
        stop(daemon.name)
        agents.prepare(part.key, part.text)
        ensure([daemon])


def _remove_agent(key: str) -> None:
    daemon = agents.daemon_of(key)
    if daemon:
        stop(daemon.name)


def _apply_users(text: str) -> None:
    users.apply_users(text)
    # At once, because sshd comes later, and a login has the groups of its beginning.
    places.share_socket()


_AGENT = Handler(lambda part: agents.check_agent(part.key, part.text), _apply_agent, _remove_agent, _agents)
_HANDLERS: tuple[tuple[str, Handler], ...] = (
    (
        NETWORK,
        Handler(
            lambda part: read_settings(part.text),
            lambda part, _: apply_network(read_settings(part.text)),
            lambda _: apply_network(read_settings("")),
            lambda part: client(read_settings(part.text)),
            from_text=True,
        ),
    ),
    (
        "etc/nftables/",
        Handler(
            lambda part: kernel.check_nft(part.key, part.text),
            lambda part, _: kernel.apply_nft(part.key, part.text),
            kernel.remove_nft,
            runs=lambda key: kernel.running_nft(kernel.place_of(key)),
            from_text=True,
        ),
    ),
    (
        kernel.QOS,
        Handler(
            lambda part: kernel.check_qos(part.text),
            lambda part, _: kernel.apply_qos(part.text),
            lambda _: kernel.apply_qos(""),
            from_text=True,
        ),
    ),
    (
        users.FILE,
        Handler(
            lambda part: users.check_users(part.text),
            lambda part, _: _apply_users(part.text),
            lambda _: users.apply_users(""),
        ),
    ),
    (
        SWANCTL,
        Handler(
            lambda part: strongswan.check_strongswan(part.files.get(strongswan.FILE, "")),
            lambda _, anew: strongswan.apply_strongswan(anew=anew),
            lambda _: strongswan.remove_strongswan(),
            lambda _: [strongswan.CHARON],
            lambda _, __: strongswan.apply_strongswan(anew=False),
        ),
    ),
    (
        "etc/frr/",
        Handler(
            lambda part: frr.check_frr(part.key, part.text),
            lambda part, anew: frr.apply_frr(vpn_of(part.key), part.text, anew=anew),
            lambda key: frr.remove_frr(vpn_of(key)),
            lambda part: frr.daemons_of(vpn_of(part.key), part.text),
            lambda part, daemon: frr.restart_frr(vpn_of(part.key), daemon),
            lambda key: frr.running_frr(vpn_of(key)),
        ),
    ),
    ("etc/", _AGENT),
)
