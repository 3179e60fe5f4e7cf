"""The archive's use cases: take, list, load, show, diff, check, export, and pinning while a version is restored."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from agent.archive.cipher import Cipher
from agent.archive.plausibility import doubts
from agent.archive.ports import Capture, Platform, Version, Versions
from agent.archive.retention import Pin, Shelf, pinned, released, seen, seen_and_pinned
from agent.errors import AgentError, ArchiveDamaged, ConfigurationProblem, IncompleteOutput, Refused
from agent.events import Clock, Event, EventSink, Result

#: Reads the running configuration of one router from the device; ``Device.running_config`` is one.
Read = Callable[[], str]


@dataclass(frozen=True, slots=True)
class ArchivedConfig:
    """A version with its text, in the form that the device takes back; ``repr`` never shows the text."""

    version: Version
    text: str

    def __repr__(self) -> str:
        return f"ArchivedConfig({self.version!r})"


@dataclass(frozen=True, slots=True)
class Checked:
    """Outcome of re-reading one version; ``fault`` is empty if it is whole and what was stored."""

    version: Version
    fault: str = ""


@dataclass(frozen=True)
class Archive:
    """Configurations of all routers, the three most recent distinct ones of each [WV-23].

    ``privileged`` names the users who may see secrets (``access.show_secrets``).
    """

    versions: Versions
    cipher: Cipher
    platform: Platform
    audit: EventSink
    clock: Clock
    privileged: frozenset[str] = frozenset()

    def take(self, router: str, read: Read, *, author: str, reason: str, proved: bool = False) -> Version:
        """Read, prove complete and keep the running configuration as the newest of the three.

        ``proved`` says that running was just verified against what was intended, so that a large change is no doubt.
        Raises what ``read`` raises, IncompleteOutput, and Refused for a failed, blank or other router; each is audited.
        """
        with self._audited("archive.take", router, author, reason):
            capture, text = self._captured(router, read, author, reason)
            found = () if proved else doubts(router, text, self._last_good(router))
            if found:
                raise Refused(
                    "the router does not show a configuration that could replace a good backup: " + "; ".join(found),
                    where=router,
                    remedy="if the router failed, restore it; if this is intended, provision the site",
                    rule="WV-23",
                )
            return self._version(router, self.versions.record(capture, lambda shelf: seen(shelf, capture.digest)))

    def take_before_change(
        self, router: str, read: Read, *, author: str, reason: str, taking_back: bool = False
    ) -> Version:
        """Keep the running configuration from just before a change, pinned outside the three.

        It replaces the copy from before the former change. That of a blank or failed router, and that of a change
        which is taken back, replaces only such a one: what is to run again must not be evicted.
        """
        with self._audited("archive.take_before_change", router, author, reason):
            capture, text = self._captured(router, read, author, reason)
            repair = taking_back or doubts(router, text, self._last_good(router))
            pin = Pin.BEFORE_REPAIR if repair else Pin.BEFORE_CHANGE

            def step(shelf: Shelf) -> tuple[Shelf, int]:
                return seen_and_pinned(shelf, capture.digest, pin)

            return self._version(router, self.versions.record(capture, step))

    def list(self, router: str) -> tuple[Version, ...]:
        """A router's versions: the three, newest first, then the pinned ones."""
        return self.versions.versions(router)

    def load(self, router: str, number: int) -> ArchivedConfig:
        """A version with its text; Refused if there is none, ArchiveDamaged if it is not what was stored."""
        version = self._version(router, number)
        sealed = self.versions.sealed(router, number)
        if sealed is None:
            raise ArchiveDamaged(f"version {number} has no text", where=router)
        text = self.cipher.open(router, version.digest, sealed)
        if self.cipher.digest(router, self.platform.lasting(text)) != version.digest:
            raise ArchiveDamaged(f"version {number} does not match its digest", where=router)
        return ArchivedConfig(version, text)

    def show(self, router: str, number: int, *, who: str, reveal: bool = False) -> str:
        """A version's text for a screen: secrets hidden, unless asked for by somebody allowed, which is audited."""
        if not reveal:
            return _visible(self.platform.redact(self.load(router, number).text, self.cipher.fingerprint))
        with self._audited("archive.reveal", router, who, f"version {number}"):
            self._allow(who, router)
            return _visible(self.load(router, number).text)

    def diff(self, router: str, older: int, newer: int) -> str:
        """What changed from one version to another as a unified diff, secrets hidden behind fingerprints."""
        texts = [
            self.platform.redact(self.platform.lasting(self.load(router, number).text), self.cipher.fingerprint)
            for number in (older, newer)
        ]
        names = (f"{router} version {older}", f"{router} version {newer}")
        lines = difflib.unified_diff(texts[0].splitlines(), texts[1].splitlines(), *names, lineterm="")
        return _visible("".join(f"{line}\n" for line in lines))

    def check(self, router: str | None = None) -> tuple[Checked, ...]:
        """Decrypt and prove every version again, of one router or of all."""
        routers = self.versions.routers() if router is None else (router,)
        return tuple(self._checked(version) for name in routers for version in self.list(name))

    def export(self, router: str, number: int, path: Path, *, who: str) -> None:
        """Write a version with its secrets to a new file that only its owner can read; only for somebody allowed."""
        with self._audited("archive.export", router, who, f"version {number} to {path}"):
            self._allow(who, router)
            text = self.load(router, number).text
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except OSError as error:
                raise Refused(
                    f"the file cannot be made: {error.strerror}", where=str(path), remedy="name a new file"
                ) from error
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)

    @contextmanager
    def restoring(self, router: str, number: int) -> Iterator[ArchivedConfig]:
        """The version to restore, pinned meanwhile: no backup evicts it, not even after a crash in the middle."""
        archived = self.load(router, number)
        self.versions.rearrange(router, lambda shelf: pinned(shelf, number, Pin.RESTORE))
        try:
            yield archived
        finally:
            self.versions.rearrange(router, lambda shelf: released(shelf, Pin.RESTORE))

    def _captured(self, router: str, read: Read, author: str, reason: str) -> tuple[Capture, str]:
        text = self.platform.restorable(read())
        faults = self.platform.faults(text)
        if faults:
            raise IncompleteOutput(
                "the configuration that was read is not whole: " + "; ".join(faults),
                where=router,
                remedy="try again; nothing was archived",
            )
        digest = self.cipher.digest(router, self.platform.lasting(text))
        sealed = self.cipher.seal(router, digest, text)
        return Capture(router, digest, self.clock(), reason, author, len(text.encode()), sealed), text

    def _last_good(self, router: str) -> str | None:
        """The newest of the three that is undamaged; with a master key that opens none, nothing more is taken."""
        for version in self.list(router):
            if version.ranked:
                with suppress(ArchiveDamaged):
                    return self.load(router, version.number).text
        return None

    def _version(self, router: str, number: int) -> Version:
        known = self.list(router)
        for version in known:
            if version.number == number:
                return version
        numbers = ", ".join(str(version.number) for version in known) or "none"
        raise Refused(f"there is no version {number} in the archive", where=router, remedy=f"kept: {numbers}")

    def _checked(self, version: Version) -> Checked:
        try:
            faults = self.platform.faults(self.load(version.router, version.number).text)
        except (ArchiveDamaged, ConfigurationProblem) as error:
            return Checked(version, error.message)
        return Checked(version, "; ".join(faults))

    def _allow(self, who: str, router: str) -> None:
        if who not in self.privileged:
            raise Refused(
                f"{who} may not see the secrets of archived configurations",
                where=router,
                remedy="ask for an entry in access.show_secrets of spokesman.toml",
            )

    @contextmanager
    def _audited(self, action: str, router: str, who: str, why: str) -> Iterator[None]:
        """One event for the attempt, whatever its end."""
        event = Event(self.clock(), who, action, router, why, Result.DONE)
        try:
            yield
        except AgentError as error:
            result = Result.REFUSED if isinstance(error, Refused) else Result.FAILED
            self.audit.record(replace(event, result=result, detail=str(error)))
            raise
        self.audit.record(event)


def _visible(text: str) -> str:
    """Control characters as IOS shows them, ^C for ETX, so that no text from a device acts on a terminal."""
    shown = {code: f"^{chr(code + 64)}" for code in range(32) if chr(code) not in "\n\t"}
    return text.translate(shown | dict.fromkeys(range(0x7F, 0xA0), "?"))
