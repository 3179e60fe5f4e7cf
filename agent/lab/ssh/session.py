"""One channel of an SSH connection: a thread hears the client, another speaks to him, the router's loop thinks."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import Protocol

import paramiko

from agent.lab.ssh.threads import Threads

CHUNK = 65536

Write = Callable[[bytes], None]
Close = Callable[[int], None]


class Receiver(Protocol):
    """A shell or a transfer; it lives in the loop."""

    def start(self) -> None:
        """Speak first, if it does."""

    def received(self, data: bytes) -> None:
        """Take what the client sent."""


class Session:
    """A shell, a command or an SCP transfer over one channel, until either side ends it.

    ``make`` makes what answers the client, in the loop, from how it writes and how it ends with an exit status.
    """

    def __init__(self, channel: paramiko.Channel, threads: Threads, make: Callable[[Write, Close], Receiver]) -> None:
        self.channel = channel
        self._threads = threads
        self._make = make
        # bytes to send, then an exit status, or None where the client left
        self._said: SimpleQueue[bytes | int | None] = SimpleQueue()

    def start(self) -> None:
        """Begin."""
        self._threads.start(self._hear, self._speak)

    def _hear(self) -> None:
        try:
            receiver = self._threads.call(self._begin)
            while data := self.channel.recv(CHUNK):
                self._take(receiver, data)
        except (OSError, EOFError, paramiko.SSHException):
            pass  # the connection is gone, or the lab ends
        finally:
            self._said.put(None)

    def _begin(self) -> Receiver:
        receiver = self._make(self._said.put, self._said.put)
        receiver.start()
        return receiver

    def _take(self, receiver: Receiver, data: bytes) -> None:
        self._threads.call(lambda: receiver.received(data))

    def _speak(self) -> None:
        """All that was said before the end goes out before it."""
        try:
            while isinstance(piece := self._said.get(), bytes):
                self.channel.sendall(piece)
            if piece is not None:
                self.channel.send_exit_status(piece)
            self.channel.close()
        except (OSError, EOFError, paramiko.SSHException):
            pass  # nobody is there to hear it
