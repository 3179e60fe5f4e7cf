"""The resident program: one loop over clients, workers, daemons and deadlines, which never waits itself."""

from __future__ import annotations

import fcntl
import os
import selectors
import signal
import sys
import time
from contextlib import suppress
from typing import Any

from . import places
from .change import sets
from .change.apply import daemons, revive
from .change.transaction import Transaction
from .change.work import with_lock
from .chores import Chores
from .errors import RouterError
from .log import guarded, note
from .services.daemons import Daemon
from .services.keeper import Keeper
from .system import adopt, uptime
from .wire.server import Answer, Server
from .wire.verbs import Verbs
from .wire.workers import Workers, refusal

_ALONE_WITHIN_S = 5.0


class Supervisor:
    """Owns the change under way, the workers, and the daemons' lives."""

    def __init__(self) -> None:
        adopt()
        self._selector = selectors.DefaultSelector()
        self._workers = Workers(self._selector)
        self._transaction = Transaction(self._workers, self._applied)
        self._keeper = Keeper(self._selector, self._workers, _revive, lambda: self._transaction.busy)
        self._chores = Chores(self._workers)
        self._verbs = Verbs(self._transaction, self._workers)
        self._stopping = False

    def serve(self) -> None:
        """Run until told to stop; the daemons and the configuration stay as they are then."""
        woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        self._selector.register(woken, selectors.EVENT_READ, _drain)
        guarded("what is done at a start", self._transaction.recover)
        self._server = Server(self._selector, self._handle)
        note("serving")
        while not self._stopping:
            self._turn()
        note("stopped; what runs goes on")

    def _turn(self) -> None:
        for key, _ in self._selector.select(self._patience_s()):
            guarded("an answer to what came", key.data, key.fd)
        _reap()
        guarded("ending what takes too long", self._workers.end_late)
        guarded("the change that is due", self._transaction.on_time)
        guarded("keeping the daemons", self._keep_daemons)
        guarded("the chores", self._do_chores)
        guarded("dropping slow clients", self._server.drop_slow)

    def _keep_daemons(self) -> None:
        if self._transaction.going_back:
            self._keeper.give_way()
        self._keeper.on_time()

    def _do_chores(self) -> None:
        self._chores.on_time(busy=self._transaction.busy)

    def _patience_s(self) -> float:
        due = [self._workers.deadline_s(), self._transaction.deadline_s(), self._chores.deadline_s()]
        due += [] if self._transaction.busy else [self._keeper.deadline_s()]
        soonest = min((at for at in due if at is not None), default=uptime() + 5)
        return min(5.0, max(0.0, soonest - uptime()))

    def _handle(self, verb: str, arguments: dict[str, Any], answer: Answer) -> None:
        try:
            self._verbs.handle(verb, arguments, answer)
        except RouterError as error:
            answer(refusal(error))
        except Exception as error:  # noqa: BLE001 -- one request must not end the program
            note(f"{verb} failed: {type(error).__name__}")
            answer({"ok": False, "kind": "failed", "message": f"{type(error).__name__}: {error}"})

    def _applied(self) -> None:
        """Something was applied or confirmed: logins may have come, other daemons are to run, the poll is to know."""
        places.share_socket()
        self._chores.soon()
        try:
            self._keeper.keep(daemons(sets.active()))
        except (RouterError, OSError) as error:
            note(f"the daemons cannot be kept: {error}")

    def _stop(self, *_: object) -> None:
        self._stopping = True


def _revive(daemon: Daemon) -> None:
    with_lock()
    revive(daemon.name, sets.active())


def _drain(pipe: int) -> None:
    with suppress(BlockingIOError):
        os.read(pipe, 1024)


def _reap() -> None:
    """Take note of children that ended, so that none stays behind; their pipes tell what they did."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def serve() -> int:
    """Run the supervisor in this process; 1 where another one serves already."""
    os.umask(0o077)
    places.make()
    alone = os.open(places.ALONE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    # What a former one left at work dies with it, and lets go of the lock then.
    until = uptime() + _ALONE_WITHIN_S
    while not _locked(alone):
        if uptime() > until:
            sys.stderr.write("the resident program runs already\n")
            return 1
        time.sleep(0.05)
    Supervisor().serve()
    return 0


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
