"""Work that goes on beside a duty, by name: none waits for a slow one, and no name is worked on twice at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import BoundedSemaphore, Lock, Thread

from agent.errors import AgentError

log = logging.getLogger(__name__)


class Beside:
    """Threads by name, at most ``at_once`` of them working; ``what`` says in the log whose work it is.

    A failure is logged in one line and stops nothing else; what nobody foresaw is also told to ``unforeseen``, with
    the name. The threads end with the process.
    """

    def __init__(
        self, what: str, at_once: int, unforeseen: Callable[[str, str], None] = lambda _name, _why: None
    ) -> None:
        self._what, self._unforeseen = what, unforeseen
        self._lock, self._room = Lock(), BoundedSemaphore(at_once)
        self._busy: set[str] = set()

    @property
    def busy(self) -> frozenset[str]:
        """The names that are worked on, or wait for room."""
        with self._lock:
            return frozenset(self._busy)

    def begin(self, name: str, work: Callable[[], None]) -> None:
        """Do ``work`` in a thread of its own, unless the name is worked on already."""
        with self._lock:
            if name in self._busy:
                return
            Thread(target=self._run, args=(name, work), name=f"{self._what} {name}", daemon=True).start()
            self._busy.add(name)

    def _run(self, name: str, work: Callable[[], None]) -> None:
        try:
            with self._room:
                work()
        except AgentError as error:
            log.error("%s %s: %s", self._what, name, error)
        except Exception as error:  # noqa: BLE001 - the thread's end: what nobody foresaw is told, and never green
            log.error("%s %s: unforeseen %s", self._what, name, type(error).__name__)
            self._unforeseen(name, f"unforeseen {type(error).__name__}: see the daemon's log")
        finally:
            with self._lock:
                self._busy.discard(name)
