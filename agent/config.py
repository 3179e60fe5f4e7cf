"""What an installation is made of: the workspace's paths, its secrets, and how devices are reached from here."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import ConfigurationProblem
from inventory.places import SETTINGS_FILE
from inventory.secret import Secret

if TYPE_CHECKING:
    from inventory.settings import Settings

#: Resolves a reference from the inventory to the secret itself; raises ConfigurationProblem.
Secrets = Callable[[str], Secret]

WORKSPACE_VARIABLE = "SPOKESMAN_WORKSPACE"


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a workspace keeps things; everything under ``var`` can be made again but history."""

    root: Path

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def overrides(self) -> Path:
        return self.root / "templates"

    @property
    def daemon_lock(self) -> Path:
        """Held by the daemon while it runs; it has the process's number."""
        return self.var / "daemon.lock"

    @property
    def lab(self) -> Path:
        return self.var / "lab"

    @property
    def default_store_url(self) -> str:
        """The store's database where spokesman.toml names none: SQLite under var/."""
        return f"sqlite:///{self.var / 'spokesman.db'}"

    def store_url(self, settings: Settings) -> str:
        """The store's database."""
        return settings.store.url or self.default_store_url

    def history_url(self, store: str) -> str:
        """The database of the polls' history: the store's on a server, else a file of its own under var/."""
        return f"sqlite:///{self.var / 'history.db'}" if store.startswith("sqlite") else store


def find_workspace(given: Path | None) -> Path:
    """The workspace to use: as given, as the environment says, or the nearest folder upward with spokesman.toml."""
    if given is None and os.environ.get(WORKSPACE_VARIABLE):
        given = Path(os.environ[WORKSPACE_VARIABLE])
    if given is not None:
        if not (given / SETTINGS_FILE).is_file():
            raise ConfigurationProblem(
                f"there is no {SETTINGS_FILE} here",
                where=str(given),
                remedy="name a workspace, or make one: spokesman init",
            )
        return given.resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise ConfigurationProblem(
        f"no {SETTINGS_FILE} in {here} or above it",
        remedy=f"change to a workspace, pass --workspace, set {WORKSPACE_VARIABLE}, or make one: spokesman init",
    )


def store_url(root: Path) -> str:
    """The history's database, as spokesman.toml names it: no other line of it is judged, so that none hides history.

    Raises InventoryError where the file cannot be read so far.
    """
    try:
        url = tomllib.loads((root / SETTINGS_FILE).read_text(encoding="utf-8")).get("store", {}).get("url")
    except (OSError, ValueError, AttributeError):
        url = 0
    if url is None or isinstance(url, str):
        return url or Paths(root).default_store_url
    from inventory import load_settings  # it says what is wrong, and where

    return Paths(root).store_url(load_settings(root))


def secrets_of(root: Path, settings: Settings) -> Secrets:
    """A resolver for the references of a workspace; values are read when they are asked for, and not kept."""

    def resolve(reference: str) -> Secret:
        kind, _, rest = reference.partition(":")
        if not rest:
            named = settings.secrets.get(reference)
            if named is None or ":" not in named:
                raise ConfigurationProblem(
                    f"no secret is named {reference!r}",
                    where="spokesman.toml [secrets]",
                    remedy="add it, as env:, file: or keyring:",
                )
            return resolve(named)
        reader = {"env": _from_environment, "keyring": _from_keyring}.get(kind)
        value = reader(rest) if reader else _from_file(root, rest)
        if not value:
            raise ConfigurationProblem("the secret is empty", where=reference, remedy="set it")
        return Secret(value)

    return resolve


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise ConfigurationProblem(
            "the environment does not hold this secret", where=f"env:{name}", remedy=f"export {name}"
        )
    return value


def _from_keyring(path: str) -> str:
    import keyring  # with its back ends it takes long to load, and most workspaces have no use for it
    import keyring.errors

    service, _, user = path.partition("/")
    try:
        value: str | None = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise ConfigurationProblem(f"the keyring cannot be used ({error})", where=f"keyring:{path}") from None
    if value is None:
        raise ConfigurationProblem(
            "the keyring does not hold this secret", where=f"keyring:{path}", remedy=f"keyring set {service} {user}"
        )
    return value


def _from_file(root: Path, name: str) -> str:
    path = root / name
    where = f"file:{name}"
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationProblem(
            f"the secret cannot be read ({reason})", where=where, remedy=f"write it to {path}"
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationProblem("others may read this secret", where=where, remedy=f"chmod 600 {path}")
    return text.rstrip("\r\n")


def reached(settings: Settings, address: IPv4Address, port: int) -> tuple[str, int]:
    """Where this machine reaches a managed address and port: as they are, or by the first translation that fits."""
    for nat in settings.reach.nat:
        if address in nat.managed:
            offset = int(address) - int(nat.managed.network_address)
            return str(nat.reached.network_address + offset), nat.ports.get(str(port), port)
    return str(address), port
