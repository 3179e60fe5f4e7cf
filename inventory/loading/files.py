"""Reads the files of a workspace: only regular ones, of bounded size, inside it, and in UTF-8."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from inventory.errors import Problem, Severity
from inventory.places import CUSTOMERS, SETTINGS_FILE

#: Room for some fifteen thousand sites; more than that in one file is a mistake or an attack.
MAX_BYTES = 16 * 1024 * 1024

#: What a customer's key can be, with the ending.
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}(\.requests)?\.yaml")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was read; ``name`` is relative to the workspace, with forward slashes."""

    name: str
    content: bytes
    text: str


class Unreadable(Exception):
    """A file cannot be used; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def read(root: Path, name: str) -> Source:
    """One file of the workspace at ``root``; raises Unreadable."""
    content = _content(root, name)
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(Problem(name, line, "", "is not UTF-8 text", remedy="save the file in UTF-8")) from None
    if found := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"holds the control character U+{ord(found.group()):04X}"
        raise Unreadable(Problem(name, line, "", message, remedy="remove it; inventory files are plain text"))
    return Source(name, content, text)


def _content(root: Path, name: str) -> bytes:
    path = root / name
    try:
        path = path.resolve(strict=True)
        if not path.is_relative_to(root.resolve()):
            raise Unreadable(Problem(name, 0, "", "leads out of the workspace", remedy="replace the link by the file"))
        # Not blocking: a pipe of that name would otherwise hang the command.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable(Problem(name, 0, "", "is not a regular file", remedy="replace it by a text file"))
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Unreadable(Problem(name, 0, "", "does not exist", remedy="make a workspace: spokesman init")) from None
    except (OSError, RuntimeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "its links go in a circle"
        raise Unreadable(
            Problem(name, 0, "", f"cannot be read: {reason}", remedy="check the file and its rights")
        ) from None
    if len(content) > MAX_BYTES:
        message = f"is larger than {MAX_BYTES // 1024 // 1024} MiB"
        raise Unreadable(Problem(name, 0, "", message, remedy="split the customer, or remove what is not inventory"))
    return content


def customer_files(root: Path) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Names of the customers' files and of what requests changed, in order, and what else a person should know of."""
    folder = root / CUSTOMERS
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        remedy = "make it and put one YAML file a customer there"
        return (), (Problem(f"{CUSTOMERS}/", 0, "", "is not a folder that can be read", remedy=remedy),)
    good = tuple(f"{CUSTOMERS}/{name}" for name in names if name.endswith(".yaml") and not _strange(name))
    problems = [problem for name in names if (problem := _strange(name))]
    if not good and not problems:
        message = "holds no customer yet"
        problems.append(Problem(f"{CUSTOMERS}/", 0, "", message, remedy="add NAME.yaml", severity=Severity.WARNING))
    return good, tuple(problems)


def _strange(name: str) -> Problem | None:
    """Why an entry of customers/ is not read; editors' and git's own files are no matter."""
    where = f"{CUSTOMERS}/{ascii(name)[1:-1]}"
    if name.startswith((".", "#")) or name.endswith("~"):
        return (
            None
            if not name.endswith(".yaml")
            else Problem(
                where, 0, "", "is hidden and not read", remedy="remove it, or rename it", severity=Severity.WARNING
            )
        )
    if name.endswith((".yml", ".yaml.txt", ".YAML", ".YML")) or (name.endswith(".yaml") and not _NAME.fullmatch(name)):
        return Problem(where, 0, "", "is not read because of its name", remedy="name it CUSTOMER.yaml")
    if not name.endswith(".yaml"):
        remedy = "keep only CUSTOMER.yaml files here"
        return Problem(where, 0, "", "is not read", remedy=remedy, severity=Severity.WARNING)
    return None


def settings_source(root: Path) -> Source:
    """spokesman.toml; raises Unreadable."""
    return read(root, str(SETTINGS_FILE))
