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
from agent.archive.ports import Capture, Platform, Recognised, Version, Versions
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

    A text tells its platform itself, so that what a router ran before it was replaced by one of another platform can
    still be read, and that of one that left the inventory too. ``privileged`` names the users who may see secrets
    (``access.show_secrets``); ``known_secrets`` are values that are hidden from all others wherever they stand.
    """

    versions: Versions
    cipher: Cipher
    recognised: Recognised
    audit: EventSink
    clock: Clock
    privileged: frozenset[str] = frozenset()
    known_secrets: frozenset[str] = frozenset()

    def take(self, router: str, read: Read, *, author: str, reason: str, proved: bool = False) -> Version:
        """Read, prove complete and keep the running configuration as the newest of the three.

        ``proved`` says that running was just verified against what was intended, so that a large change is no doubt.
        Raises what ``read`` raises, IncompleteOutput, and Refused for a failed, blank or other router; each is audited.
        """
        with self._audited("archive.take", router, author, reason):
            capture, read_now = self._captured(router, read, author, reason)
            found = () if proved else doubts(router, read_now, self._last_good(router))
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
            capture, read_now = self._captured(router, read, author, reason)
            repair = taking_back or doubts(router, read_now, self._last_good(router))
            pin = Pin.BEFORE_REPAIR if repair else Pin.BEFORE_CHANGE

            def step(shelf: Shelf) -> tuple[Shelf, int]:
                return seen_and_pinned(shelf, capture.digest, pin)

            return self._version(router, self.versions.record(capture, step))

    def list(self, router: str) -> tuple[Version, ...]:
        """A router's versions: the three, newest first, then the pinned ones."""
        return self.versions.versions(router)

    def load(self, router: str, number: int) -> ArchivedConfig:
        """A version with its text; Refused if there is none, ArchiveDamaged if it is not what was stored."""
        return self._loaded(router, number)[0]

    def _loaded(self, router: str, number: int) -> tuple[ArchivedConfig, Platform]:
        version = self._version(router, number)
        sealed = self.versions.sealed(router, number)
        if sealed is None:
            raise ArchiveDamaged(f"version {number} has no text", where=router)
        text = self.cipher.open(router, version.digest, sealed)
        platform = self.recognised(text)
        if platform is None:
            raise ArchiveDamaged(f"version {number} is a configuration of no known platform", where=router)
        if self.cipher.digest(router, platform.lasting(text)) != version.digest:
            raise ArchiveDamaged(f"version {number} does not match its digest", where=router)
        return ArchivedConfig(version, text), platform

    def show(self, router: str, number: int, *, who: str, reveal: bool = False) -> str:
        """A version's text for a screen: secrets hidden, unless asked for by somebody allowed, which is audited."""
        if not reveal:
            archived, platform = self._loaded(router, number)
            return visible(platform.redact(archived.text, self.known_secrets, self.cipher.fingerprint))
        with self._audited("archive.reveal", router, who, f"version {number}"):
            self._allow(who, router)
            return visible(self.load(router, number).text)

    def diff(self, router: str, older: int, newer: int) -> str:
        """What changed from one version to another as a unified diff, secrets hidden behind fingerprints."""
        texts = [
            platform.redact(platform.lasting(archived.text), self.known_secrets, self.cipher.fingerprint)
            for archived, platform in (self._loaded(router, number) for number in (older, newer))
        ]
        names = (f"{router} version {older}", f"{router} version {newer}")
        lines = difflib.unified_diff(texts[0].splitlines(), texts[1].splitlines(), *names, lineterm="")
        return visible("".join(f"{line}\n" for line in lines))

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

    def _captured(self, router: str, read: Read, author: str, reason: str) -> tuple[Capture, tuple[Platform, str]]:
        text = read()
        platform = self.recognised(text)
        if platform is None:
            raise _not_whole(router, "it is a configuration of no known platform")
        text = platform.restorable(text)
        fault = platform.is_complete(text)
        if fault:
            raise _not_whole(router, fault)
        digest = self.cipher.digest(router, platform.lasting(text))
        sealed = self.cipher.seal(router, digest, text)
        capture = Capture(router, digest, self.clock(), reason, author, len(text.encode()), sealed)
        return capture, (platform, text)

    def _last_good(self, router: str) -> tuple[Platform, str] | None:
        """The newest of the three that is undamaged; with a master key that opens none, nothing more is taken."""
        for version in self.list(router):
            if version.ranked:
                with suppress(ArchiveDamaged):
                    archived, platform = self._loaded(router, version.number)
                    return platform, archived.text
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
            archived, platform = self._loaded(version.router, version.number)
        except (ArchiveDamaged, ConfigurationProblem) as error:
            return Checked(version, error.message)
        return Checked(version, platform.is_complete(archived.text) or "")

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


def _not_whole(router: str, fault: str) -> IncompleteOutput:
    return IncompleteOutput(
        f"the configuration that was read is not whole: {fault}",
        where=router,
        remedy="try again; nothing was archived",
    )


def visible(text: str) -> str:
    """Control characters in print, as ^C for ETX, so that no text from a device acts on a terminal."""
    shown = {code: f"^{chr(code + 64)}" for code in range(32) if chr(code) not in "\n\t"}
    return text.translate(shown | dict.fromkeys(range(0x7F, 0xA0), "?"))
