"""Makes a new workspace: spokesman.toml, the folders beside it, secrets that nobody else knows, and an example."""

from __future__ import annotations

import os
import secrets
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Literal

from agent.archive.cipher import new_master_key
from agent.errors import Refused

#: What git must not keep of a workspace.
IGNORED = "var/\nsecrets/\n"

SECRETS_FOLDER = "secrets"


#: Whose hub and two spokes a new workspace may hold: the lab's virtual routers, or real ones on this machine.
Example = Literal["virtual", "real"]

#: What an example adds to spokesman.toml, and its customer.
_FILES: dict[Example, tuple[str, str]] = {"virtual": ("lab.toml", "acme.yaml"), "real": ("real.toml", "real.yaml")}


def create(root: Path, example: Example | None = None) -> tuple[Path, ...]:
    """Write a new workspace under ``root``, with an ``example`` if asked for, and return the files made.

    Secrets are drawn at random, mode 600. A folder that holds anything already is refused, so that nothing is ever
    overwritten; Refused too where it cannot be written.
    """
    try:
        if root.exists() and any(root.iterdir()):
            raise Refused("the folder is not empty", where=str(root), remedy="name a new one")
        return _made(root, example)
    except OSError as error:
        remedy = "name a folder that is new or empty, where you may write"
        raise Refused(f"no workspace can be made: {error.strerror}", where=str(root), remedy=remedy) from None


def _made(root: Path, example: Example | None) -> tuple[Path, ...]:
    data = files(__name__)
    settings = data.joinpath("spokesman.toml").read_text(encoding="utf-8")
    texts = {".gitignore": IGNORED}
    if example:
        added, customer = (data.joinpath(name).read_text(encoding="utf-8") for name in _FILES[example])
        settings += "\n" + added
        texts["customers/acme.yaml"] = customer
    texts["spokesman.toml"] = settings
    for folder in ("customers", "templates", "var", SECRETS_FOLDER):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / SECRETS_FOLDER).chmod(0o700)
    made = [_write(root / name, text, 0o644) for name, text in texts.items()]
    made += [_write(root / name, _draw(name) + "\n", 0o600) for name in _secret_files(settings)]
    return tuple(made)


def _secret_files(settings: str) -> tuple[str, ...]:
    references = tomllib.loads(settings)["secrets"].values()
    return tuple(sorted(reference.removeprefix("file:") for reference in references))


def _draw(name: str) -> str:
    """A secret of the form that its use needs: a 256-bit key, NHRP's eight characters, or a long word."""
    if name.endswith("master-key"):
        return new_master_key()
    if name.endswith("nhrp"):
        return secrets.token_hex(4)
    return secrets.token_hex(16)


def _write(path: Path, text: str, mode: int) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    return path
