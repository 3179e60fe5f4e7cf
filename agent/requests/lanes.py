"""Runs work side by side in lanes: one after another within a lane, and none waits for another lane's slow router."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

#: How many lanes may be busy at once.
AT_ONCE = 8


class Lanes(Generic[T]):
    """Lanes by name; ``work`` is called with one item after the other of each lane.

    The threads end with the process: what they are in the middle of is settled by whoever comes next.
    """

    def __init__(self, work: Callable[[T], None]) -> None:
        self._work = work
        self._lock = Lock()
        self._busy: set[str] = set()
        self._failed: list[BaseException] = []

    def run(self, lanes: Mapping[str, Sequence[T]]) -> None:
        """Work through all lanes that are not busy, and wait for their ends; raises what one of them failed with."""
        names = list(lanes)
        if len(names) == 1:  # in this thread, so that an interruption by a person reaches the work
            if self._entered(names[0], room=1):
                self._worked(names[0], lanes[names[0]])
            names = []
        for start in range(0, len(names), AT_ONCE):
            threads = [self._started(name, lanes[name], len(names)) for name in names[start : start + AT_ONCE]]
            for thread in threads:
                if thread is not None:
                    thread.join()
        self._raise_failure()

    def begin(self, lanes: Mapping[str, Sequence[T]]) -> None:
        """Start the lanes that are not busy, as far as there is room; raises what an earlier one failed with."""
        for name, items in lanes.items():
            self._started(name, items, AT_ONCE)
        self._raise_failure()

    def _started(self, name: str, items: Sequence[T], room: int) -> Thread | None:
        if not self._entered(name, room):
            return None
        thread = Thread(target=self._worked, args=(name, items), name=f"requests {name}", daemon=True)
        thread.start()
        return thread

    def _entered(self, name: str, room: int) -> bool:
        with self._lock:
            if name in self._busy or len(self._busy) >= room:
                return False
            self._busy.add(name)
            return True

    def _worked(self, name: str, items: Sequence[T]) -> None:
        try:
            for item in items:
                self._work(item)
        except BaseException as error:  # noqa: BLE001 - told to whoever asks next, as if it had happened there
            with self._lock:
                self._failed.append(error)
        finally:
            with self._lock:
                self._busy.discard(name)

    def _raise_failure(self) -> None:
        with self._lock:
            failed, self._failed = self._failed, []
        if failed:
            raise failed[0]
