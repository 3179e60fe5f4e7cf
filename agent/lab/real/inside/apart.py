"""Work in a process of its own: because it changes namespaces, or because it need not wait for other work."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple


class Apart(NamedTuple):
    """A process that was started, and where it says what went wrong."""

    what: str
    pid: int
    said: int

    def wait(self) -> None:
        """Wait for its end; RuntimeError with its words when it failed."""
        with os.fdopen(self.said, "rb") as said:
            words = said.read().decode(errors="replace")
        _, status = os.waitpid(self.pid, 0)
        if status != 0:
            raise RuntimeError(f"{self.what}: {words}")


def apart(what: str, work: Callable[[], None]) -> Apart:
    """Start ``work`` in a process of its own; ``what`` is named when it fails."""
    hear, say = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException as problem:  # noqa: BLE001 - reported to whoever waits
            os.write(say, str(problem).encode()[:4000])
        finally:
            os._exit(1)
    os.close(say)
    return Apart(what, pid, hear)
