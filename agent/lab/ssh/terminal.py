"""A terminal: bytes typed by a client become lines for the shell; echo, output, prompt and injected faults go back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from agent.lab.ios.shell import Reply, Shell
from agent.lab.router import VirtualRouter

_CTRL_C, _BACKSPACE, _CTRL_Z, _CTRL_U, _DELETE = b"\x03", b"\x08", b"\x1a", b"\x15", b"\x7f"


class Terminal:
    """One interactive session. What is typed while the router is busy waits its turn."""

    def __init__(
        self,
        router: VirtualRouter,
        user: str,
        privilege: int,
        write: Callable[[bytes], None],
        close: Callable[[int], None],
    ) -> None:
        self._router = router
        self._shell = Shell(router, user, privilege)
        self._write = write
        self._close = close
        self._typed = bytearray()
        self._waiting: deque[int] = deque()
        self._busy = False
        self._hung = False
        self._after_cr = False

    def start(self) -> None:
        """Banners and the first prompt."""
        banner = self._router.running.child("banner exec") or self._router.running.child("banner motd")
        self._send((banner.body or "") + "\n" if banner else "\n")
        self._send(self._shell.prompt)

    def received(self, data: bytes) -> None:
        """Take what the client sent."""
        self._waiting.extend(data)
        self._work()

    def _work(self) -> None:
        while self._waiting and not self._busy and not self._hung:
            self._key(bytes([self._waiting.popleft()]))

    def _key(self, key: bytes) -> None:
        if key in {b"\r", b"\n"}:
            if key == b"\n" and self._after_cr:
                self._after_cr = False
                return
            self._after_cr = key == b"\r"
            self._line()
            return
        self._after_cr = False
        gathering = self._shell.editor is not None and self._shell.editor.gathering
        if key in {_CTRL_Z, _CTRL_C} and not (gathering or self._banner_begins()):
            self._typed.clear()
            self._send("^Z\n" if key == _CTRL_Z else "\n")
            self._shell.interrupt()
            self._send(self._shell.prompt)
        elif key in {_BACKSPACE, _DELETE}:
            if self._typed:
                self._typed.pop()
                self._write(b"\x08 \x08")
        elif key == _CTRL_U:
            self._typed.clear()
        elif key >= b" " or key in {b"\t", _CTRL_C}:
            self._typed += key
            if self._shell.echo:
                self._write(b"^C" if key == _CTRL_C else key)

    def _banner_begins(self) -> bool:
        return self._shell.editor is not None and bytes(self._typed).lstrip().startswith(b"banner ")

    def _line(self) -> None:
        line = self._typed.decode("utf-8", errors="replace")
        self._typed.clear()
        self._send("\n")
        configuring = self._shell.editor is not None
        reply = self._shell.feed(line)
        if reply.pause > 0:
            self._later(reply.pause, lambda: self._answer(line, reply))
        elif configuring:
            self._finish(reply)
        else:
            self._answer(line, reply)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        self._busy = True

        def go_on() -> None:
            self._busy = False
            action()
            self._work()

        asyncio.get_running_loop().call_later(seconds, go_on)

    def _answer(self, line: str, reply: Reply) -> None:
        faults, command = self._router.faults, line.strip()
        hang = next((size for lead, size in faults.hang.items() if command.startswith(lead)), None)
        cut = next((size for lead, size in faults.truncate.items() if command.startswith(lead)), None)
        stall = next((found for lead, found in faults.stall.items() if command.startswith(lead)), None)
        if hang is not None:
            self._send(reply.text[:hang])
            self._hung = True
        elif cut is not None:
            self._finish(Reply(reply.text[:cut] + "\n", closed=reply.closed))
        elif stall is not None and stall[0] in reply.text:
            at = reply.text.index(stall[0]) + len(stall[0])
            self._send(reply.text[:at])
            self._later(stall[1], lambda: self._finish(Reply(reply.text[at:], closed=reply.closed)))
        else:
            self._finish(reply)

    def _finish(self, reply: Reply) -> None:
        self._send(reply.text)
        if reply.closed:
            self._hung = True
            self._close(0)
        else:
            self._send(self._shell.prompt)

    def _send(self, text: str) -> None:
        if text:
            self._write(text.replace("\n", "\r\n").encode("utf-8", errors="replace"))


class OneCommand:
    """A command given with the connection (``ssh router show clock``): it runs, and the session ends."""

    def __init__(
        self, shell: Shell, command: str, write: Callable[[bytes], None], close: Callable[[int], None]
    ) -> None:
        self._shell = shell
        self._command = command
        self._write = write
        self._close = close

    def start(self) -> None:
        """Run it; a question that it asks stays without an answer."""
        reply = self._shell.feed(self._command)
        self._write(reply.text.replace("\n", "\r\n").encode("utf-8", errors="replace"))
        self._close(0)

    def received(self, data: bytes) -> None:
        """Nothing is read."""
