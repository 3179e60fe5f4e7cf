"""Work that may take long or may die, each in a forked process that can be ended, with its outcome by a pipe."""

from __future__ import annotations

import json
import os
import selectors
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..errors import RouterError
from ..log import guarded
from ..system import die_with_parent, uptime

Outcome = dict[str, Any]
"""{"ok": true, "result": …} or {"ok": false, "kind": …, "message": …}: what goes over the wire."""


@dataclass
class Worker:
    """A process at work; ``until_s`` on the clock of the boot."""

    what: str
    pid: int
    pipe: int
    until_s: float
    done: Callable[[Outcome], None]
    heard: bytearray


class Workers:
    """All processes at work; the selector of the supervisor tells when one has something to say."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._at_work: dict[int, Worker] = {}

    def start(self, what: str, work: Callable[[], Any], done: Callable[[Outcome], None], *, limit_s: float) -> int:
        """Fork a process that does ``work``; ``done`` gets its outcome, whatever becomes of it.

        Tells the process; 0 where the machine has none to give, and ``done`` was told so.
        """
        try:
            hear, tell, pid = _fork()
        except OSError as error:
            words = f"the router has no process for {what}: {error.strerror}"
            guarded(what, done, {"ok": False, "kind": "failed", "message": words})
            return 0
        if pid == 0:
            os.close(hear)
            _work(work, tell)
        os.close(tell)
        with suppress(OSError):
            os.setpgid(pid, pid)
        os.set_blocking(hear, False)
        self._at_work[hear] = Worker(what, pid, hear, uptime() + limit_s, done, bytearray())
        self._selector.register(hear, selectors.EVENT_READ, self._hear)
        return pid

    def deadline_s(self) -> float | None:
        """When the first worker has to be ended."""
        return min((worker.until_s for worker in self._at_work.values()), default=None)

    def end_late(self) -> None:
        """End those that take too long."""
        for worker in list(self._at_work.values()):
            if uptime() >= worker.until_s:
                self._finish(worker, f"{worker.what} took too long and was ended")

    def end(self, pid: int, reason: str) -> None:
        """End one, with all that it started."""
        for worker in list(self._at_work.values()):
            if worker.pid == pid:
                self._finish(worker, reason)

    def _hear(self, pipe: int) -> None:
        worker = self._at_work.get(pipe)
        if worker is None:
            return  # it was ended by what another one told in the same turn
        try:
            heard = os.read(pipe, 1 << 16)
        except BlockingIOError:
            return
        if heard:
            worker.heard += heard
        else:
            self._finish(worker, f"the process for {worker.what} was killed")

    def _finish(self, worker: Worker, otherwise: str) -> None:
        self._selector.unregister(worker.pipe)
        del self._at_work[worker.pipe]
        os.close(worker.pipe)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.pid, signal.SIGKILL)
        try:
            outcome = json.loads(worker.heard)
        except ValueError:
            outcome = {"ok": False, "kind": "failed", "message": otherwise}
        guarded(worker.what, worker.done, outcome)


def attempt(work: Callable[[], Any]) -> Outcome:
    """The outcome of doing ``work`` here."""
    try:
        return {"ok": True, "result": work()}
    except RouterError as error:
        return refusal(error)
    except OSError as error:
        full = " (there is no space on the router's disk)" if error.errno in (28, 122) else ""
        return {"ok": False, "kind": "failed", "message": f"{error}{full}"}
    except RecursionError:
        return {"ok": False, "kind": "failed", "message": "what a program of this router answers is nested without end"}
    except Exception as error:  # noqa: BLE001 -- the program must go on, and say what happened
        return {"ok": False, "kind": "failed", "message": f"{type(error).__name__}: {error}"}


def refusal(error: RouterError) -> Outcome:
    """An error as it goes over the wire."""
    return {"ok": False, "kind": error.kind, "message": str(error)}


def _fork() -> tuple[int, int, int]:
    """A pipe's two ends and the new process, which is 0 in itself; raises OSError and leaves nothing open then."""
    hear, tell = os.pipe2(os.O_CLOEXEC)
    try:
        return hear, tell, os.fork()
    except OSError:
        os.close(hear)
        os.close(tell)
        raise


def _work(work: Callable[[], Any], tell: int) -> None:
    try:
        os.setpgid(0, 0)
        die_with_parent()
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        data = json.dumps(attempt(work)).encode()
        while data:
            data = data[os.write(tell, data) :]
    finally:
        os._exit(0)
