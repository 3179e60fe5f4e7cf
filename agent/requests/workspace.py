"""The intent in the workspace: reads, proposes, writes and takes back what requests changed; git keeps its history."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from agent.errors import ConfigurationProblem, Refused
from inventory import Inventory, InventoryError, load_workspace
from inventory.intent import Entry, intent_name, written
from inventory.loading.files import Unreadable, read
from inventory.loading.overlay import read_intent

#: How long git may take for one step, in seconds: hooks of the workspace run in it.
GIT_LIMIT_S = 60
#: How long it may take to end when it is told to, before it is killed.
GIT_ENDS_S = 5


@dataclass(frozen=True)
class Workspace:
    """The files of requests under ``root``; ``lock`` is held while one of them is written."""

    root: Path
    lock: Path

    def entries(self, customer: str) -> tuple[Entry, ...]:
        """What requests changed so far; InventoryError where the file cannot be used."""
        name = intent_name(customer)
        if not (self.root / name).exists():
            return ()
        try:
            intent, _, problems = read_intent(read(self.root, name))
        except Unreadable as unreadable:
            raise InventoryError((unreadable.problem,)) from None
        if intent is None:
            raise InventoryError(problems)
        return intent.requests

    def proposed(self, customer: str, entry: Entry) -> Inventory:
        """The inventory as it would be with ``entry``; raises InventoryError. Nothing is written."""
        text = written(customer, _with(self.entries(customer), entry))
        return load_workspace(self.root, {intent_name(customer): text})

    def write(self, customer: str, entry: Entry, why: str) -> Inventory:
        """Make ``entry`` intent, once, and commit it; returns the inventory with it.

        Raises InventoryError, or Refused where the file cannot be written or committed; nothing is changed then.
        """
        with self._locked():
            entries = _with(self.entries(customer), entry)
            return self._replace(customer, entries, why)

    def take_back(self, customer: str, reference: str, why: str) -> Inventory:
        """Take a request's entry out of the intent, where it is there, and commit that; as ``write`` otherwise."""
        with self._locked():
            entries = tuple(one for one in self.entries(customer) if one.request != reference)
            return self._replace(customer, entries, why)

    def _replace(self, customer: str, entries: tuple[Entry, ...], why: str) -> Inventory:
        name, text = intent_name(customer), written(customer, entries)
        inventory = load_workspace(self.root, {name: text})
        path = self.root / name
        before = path.read_bytes() if path.exists() else None
        if before is None and not entries:
            return inventory
        commits = inventory.settings.requests.commit and _is_versioned(self.root, f"customers/{customer}.yaml")
        if before != text.encode():
            _put(path, text.encode(), _mode(path if before is not None else self.root / f"customers/{customer}.yaml"))
        if commits:
            try:
                _commit(self.root, name, why)
            except Refused:
                _restore(self.root, path, before)
                raise
        return inventory

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, of all processes on this machine."""
        self.lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _with(entries: tuple[Entry, ...], entry: Entry) -> tuple[Entry, ...]:
    """The entries with ``entry`` as the last one, or as they are where it is there already."""
    kept = {one.request: one for one in entries}
    return entries if kept.get(entry.request) == entry else (*(e for e in entries if e.request != entry.request), entry)


def _mode(path: Path) -> int:
    """Who may read a file, so that a new one beside it is no more open."""
    return path.stat().st_mode & 0o666


def _put(path: Path, content: bytes, mode: int) -> None:
    """Replace a file at once and durably: after a crash it is the old one or the new one."""
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                with suppress(OSError):
                    Path(file.name).unlink()
                raise
        _sync_folder(path.parent)
    except OSError as error:
        raise ConfigurationProblem(
            f"the file of requests cannot be written: {error.strerror}",
            where=str(path),
            remedy="check the folder's rights and the room on the disk",
        ) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _restore(root: Path, path: Path, before: bytes | None) -> None:
    """The file as it was, also in git's index; what git says then is no matter."""
    if before is None:
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)
    else:
        _put(path, before, _mode(path))
    with suppress(Refused):
        _git(root, "reset", "--quiet", "--", str(path.relative_to(root)))


def _is_versioned(root: Path, name: str) -> bool:
    """Whether git keeps the customer's own file; a workspace that merely lies in some repository is left alone."""
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return False
    return bool(_git(root, "ls-files", "--", name).strip())


def _commit(root: Path, name: str, why: str) -> None:
    """Commit this one file as it is now, whatever else is changed or staged; nothing where git has it so already."""
    if _git(root, "status", "--porcelain", "--", name).strip():
        _git(root, "add", "--", name)
        _git(root, "commit", "--quiet", "--only", "--message", why, "--", name)


def _git(root: Path, *arguments: str) -> str:
    """What git prints; Refused with git's words where it fails, hangs or is missing."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", "GIT_EDITOR": "true"}
    environment |= {f"GIT_{role}_NAME": "spokesman" for role in ("AUTHOR", "COMMITTER")}
    environment |= {f"GIT_{role}_EMAIL": "spokesman@localhost" for role in ("AUTHOR", "COMMITTER")}
    try:
        git = subprocess.Popen(
            ["git", "-C", str(root), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise _git_failed(root, f"git cannot be run: {error.strerror}") from None
    with git:
        try:
            out, err = git.communicate(timeout=GIT_LIMIT_S)
        except subprocess.TimeoutExpired:
            raise _git_failed(root, f"git {arguments[0]} did not end within {GIT_LIMIT_S} s") from None
        finally:
            _end(git)
    if git.returncode:
        words = " ".join(err.decode(errors="replace").split())[:300] or f"exit code {git.returncode}"
        raise _git_failed(root, f"git {arguments[0]} failed: {words}")
    return out.decode(errors="replace")


def _end(git: subprocess.Popen[bytes]) -> None:
    """End git where it still runs, and its hooks; asked first, so that it takes its locks away."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        with suppress(subprocess.TimeoutExpired):
            git.wait(0 if ending is signal.SIGTERM else GIT_ENDS_S)
            return
        os.killpg(git.pid, ending)


def _git_failed(root: Path, words: str) -> Refused:
    lock = "remove the lock if no git runs here; else " if "index.lock" in words else ""
    return Refused(
        f"the intent is not kept in the repository, so nothing is applied: {words}",
        where=str(root),
        remedy=f"{lock}make git work here, or set [requests] commit = false",
    )
