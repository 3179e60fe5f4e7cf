"""Daemons: started in their namespace, recorded so that any later process of ours knows them, and stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from .. import files, places
from ..errors import Rejected
from ..system import SEARCH, age, enter_namespace, find, started

READY_S = 45.0
SETTLED_S = 1.0
"""How long a daemon without a socket of its own must have lived: what it cannot do, it has ended of by then."""
_LISTENS_S = 5.0
STOP_S = 8.0


@dataclass(frozen=True)
class Daemon:
    """One program that is to run; ``ready`` is the UNIX socket on which it answers when it does ("" = none).

    One that ``listens`` is of no use before it has a TCP socket for those who connect.
    """

    name: str
    program: str
    arguments: tuple[str, ...] = ()
    place: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: str = ""
    listens: bool = False


def running(name: str) -> int:
    """The process of a daemon; 0 where it does not run."""
    record = _record(name)
    pid = int(record.get("pid", 0))
    return pid if pid and started(pid) == record.get("started") else 0


def recorded() -> Iterator[str]:
    """The names of all daemons that were started in this boot and not removed since."""
    return (path.name.removesuffix(".json").replace(":", "/") for path in sorted(places.DAEMONS.glob("*.json")))


def ensure(daemons: list[Daemon]) -> list[Daemon]:
    """Start those of ``daemons`` that do not run, and wait until they answer; tells which were started."""
    new = [daemon for daemon in daemons if not running(daemon.name)]
    for daemon in new:
        launch(daemon)
    for daemon in new:
        await_ready(daemon)
    return new


def launch(daemon: Daemon) -> None:
    """Start a daemon; its process records itself before it becomes the program, so that none is ever unknown."""
    path = find(daemon.program)
    if not path:
        raise Rejected(f"{daemon.program} is not installed on this router; {daemon.name} needs it")
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        return
    try:
        if os.fork():
            os._exit(0)
        _become(daemon, path)
    except BaseException as error:  # noqa: BLE001 -- nothing of this process may return into its parent's work
        os.write(2, f"{daemon.name}: {error}\n".encode())
    finally:
        os._exit(127)


def _become(daemon: Daemon, path: str) -> None:
    os.setsid()
    output = os.open(_output(daemon.name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    null = os.open("/dev/null", os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.closerange(3, 1024)
    for number in (signal.SIGPIPE, signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.chdir("/")
    os.umask(0o022)
    if daemon.place:
        enter_namespace(daemon.place)
    pid = os.getpid()
    files.write(_path(daemon.name), json.dumps({"pid": pid, "started": started(pid)}))
    environment = {"PATH": ":".join(SEARCH), "LC_ALL": "C", "HOME": "/", "MIBS": "", **daemon.environment}
    os.execve(path, [path, *daemon.arguments], environment)  # noqa: S606


def await_ready(daemon: Daemon) -> None:
    """Wait until a started daemon answers; raises Rejected with its words where it ends or does not answer in time."""
    until = time.monotonic() + READY_S
    pause = 0.005
    while True:
        pid = running(daemon.name)
        if pid and (not daemon.ready or _answers(daemon.ready)):
            return
        if time.monotonic() > until or (not pid and _record(daemon.name) and time.monotonic() > until - READY_S + 1):
            state = "does not answer" if pid else "ended"
            raise Rejected(f"{daemon.program} ({daemon.name}) {state}: {last_words(daemon.name)}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def settle(daemons: list[Daemon]) -> None:
    """Wait until those that were just started have lived long enough to be believed; all together, and once."""
    pids = [running(daemon.name) for daemon in daemons if not daemon.ready]
    ages = [age(pid) for pid in pids if pid]
    time.sleep(max(0.0, SETTLED_S - min(ages, default=SETTLED_S)))


def works(daemon: Daemon) -> bool:
    """Whether a daemon runs, and listens where it has to; waits a little for that."""
    until = time.monotonic() + _LISTENS_S
    while pid := running(daemon.name):
        if not daemon.listens or _listens(pid):
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return False


def _listens(pid: int) -> bool:
    """Whether a process has a listening TCP socket: state 0A in the kernel's table, and open in the process."""
    try:
        own = {str(handle.readlink()) for handle in Path(f"/proc/{pid}/fd").iterdir()}
        tables = [Path(f"/proc/{pid}/net/{table}").read_text() for table in ("tcp", "tcp6")]
    except OSError:
        return False
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    return any(row[3] == "0A" and f"socket:[{row[9]}]" in own for row in rows)


def stop(name: str, *, signal_first: int = signal.SIGTERM) -> None:
    """End a daemon, by force where it does not end by itself, and forget it."""
    pid = running(name)
    if pid:
        _end(pid, name, signal_first)
    _path(name).unlink(missing_ok=True)


def _end(pid: int, name: str, first: int) -> None:
    for number, patience in ((first, STOP_S), (signal.SIGKILL, STOP_S)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + patience
        while running(name) == pid and time.monotonic() < until:
            time.sleep(0.02)
        if running(name) != pid:
            return


def last_words(name: str) -> str:
    """The end of what a daemon wrote to its output."""
    try:
        text = _output(name).read_text(errors="replace").strip()
    except OSError:
        text = ""
    return text[-1000:] or "it said nothing"


def _record(name: str) -> dict[str, str]:
    try:
        read = json.loads(files.read(_path(name)) or "{}")
    except ValueError:
        read = {}
    return read if isinstance(read, dict) else {}


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
        tried.settimeout(1)
        try:
            tried.connect(path)
        except OSError:
            return False
        return True


def _path(name: str) -> Path:
    return places.DAEMONS / f"{name.replace('/', ':')}.json"


def _output(name: str) -> Path:
    return places.DAEMONS / f"{name.replace('/', ':')}.out"
