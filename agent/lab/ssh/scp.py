"""SCP as the router serves it: one file at a time into flash (``scp -t``) or out of it (``scp -f``)."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from agent.lab.box.flash import FlashFullError, flash_name
from agent.lab.router import VirtualRouter

_OK = b"\x00"


@dataclass(frozen=True, slots=True)
class ScpRequest:
    """What a client asked for: ``receive``: it sends us a file."""

    receive: bool
    path: str


def parse_scp(command: str) -> ScpRequest | None:
    """The request in an SSH exec command; None where it is another command."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if len(words) < 3 or words[0] != "scp":
        return None
    flags = "".join(word[1:] for word in words[1:-1] if word.startswith("-"))
    if "t" in flags or "f" in flags:
        return ScpRequest("t" in flags, words[-1])
    return None


class _Scp:
    """What both directions share."""

    def __init__(
        self,
        router: VirtualRouter,
        user: str,
        privilege: int,
        path: str,
        write: Callable[[bytes], None],
        close: Callable[[int], None],
    ) -> None:
        self._router = router
        self._user = user
        self._privilege = privilege
        self._path = path
        self._write = write
        self._close = close
        self._buffer = bytearray()

    def _refusal(self) -> str:
        if not self._router.running.has("ip scp server enable"):
            return "Administratively disabled."
        return "" if self._privilege == 15 else "Privilege denied."

    def _fail(self, words: str) -> None:
        self._write(b"\x01" + words.encode() + b"\n")
        self._close(1)


class ScpSink(_Scp):
    """Receives one file."""

    _name = ""
    _size: int | None = None

    def start(self) -> None:
        """Say that we are ready, or why not."""
        refusal = self._refusal()
        if refusal:
            self._fail(refusal)
        else:
            self._write(_OK)

    def received(self, data: bytes) -> None:
        """Take a piece of the conversation."""
        self._buffer += data
        while self._size is None and b"\n" in self._buffer:
            header, _, rest = self._buffer.partition(b"\n")
            self._buffer = bytearray(rest)
            self._header(header.decode("utf-8", errors="replace"))
        if self._size is not None and len(self._buffer) > self._size:
            self._store(bytes(self._buffer[: self._size]))
            del self._buffer[: self._size + 1]
            self._size = None

    def _header(self, header: str) -> None:
        words = header.split(" ", 2)
        if header.startswith("C") and len(words) == 3 and words[1].isdigit():
            name = flash_name(self._path)
            self._name = name or words[2]
            if name is None:
                self._fail(f"scp: {self._path}: No such file or directory")
                return
            if int(words[1]) > self._router.flash.size:
                self._fail(f"scp: {self._path}: No space left on device")
                return
            self._size = int(words[1])
            self._write(_OK)
        elif header.startswith(("T", "E")):
            self._write(_OK)
        else:
            self._fail("scp: protocol error")

    def _store(self, data: bytes) -> None:
        try:
            self._router.flash.write(self._name, data, self._router.clock.now())
        except FlashFullError:
            self._fail(f"scp: {self._path}: No space left on device")
            return
        self._write(_OK)
        self._close(0)


class ScpSource(_Scp):
    """Sends one file."""

    _stage = 0

    def start(self) -> None:
        """Nothing is sent before the client is ready."""

    def received(self, data: bytes) -> None:
        """The client says go on, once for each of: ready, header, contents."""
        for _ in data:
            self._step()

    def _step(self) -> None:
        refusal = self._refusal()
        content = self._router.flash.files.get(flash_name(self._path) or "")
        if refusal or content is None:
            self._fail(refusal or f"scp: {self._path}: No such file or directory")
            return
        self._stage += 1
        if self._stage == 1:
            self._write(f"C0644 {len(content)} {flash_name(self._path)}\n".encode())
        elif self._stage == 2:
            self._write(content + _OK)
        else:
            self._close(0)
