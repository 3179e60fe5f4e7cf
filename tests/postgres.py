"""A real PostgreSQL, started for tests in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

#: Nothing in these databases is to survive the machine.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=127.0.0.1")
_SCHEMAS = count(1)


class Postgres:
    """A server; each ``url`` is of a schema of its own, as empty as a new database."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self._at = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        self.process = process

    def url(self) -> str:
        """Of a new schema."""
        name = f"test_{next(_SCHEMAS)}"
        engine = create_engine(self._at)
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        engine.dispose()
        return f"{self._at.replace('+psycopg', '')}?options=-csearch_path%3D{name}"

    def wait(self) -> None:
        """Until it answers."""
        engine = create_engine(self._at)
        for _ in range(600):
            try:
                with engine.connect():
                    break
            except OperationalError:
                assert self.process.poll() is None, "PostgreSQL ended"
                time.sleep(0.1)
        engine.dispose()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server with its data in a folder that goes with it; it refuses to run as root, so root starts it as another."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="spokesman-postgres-", ignore_cleanup_errors=True))
        yield stack.enter_context(_started(Path(folder)))


@contextmanager
def _started(folder: Path) -> Iterator[Postgres]:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.fail("PostgreSQL is missing; install it: apt-get install postgresql")
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    as_user = ["runuser", "-u", user, "--"] if os.getuid() == 0 else []
    if as_user:
        shutil.chown(folder, user)
    data = folder / "data"
    make = [*as_user, f"{programs[-1]}/initdb", "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8"]
    made = subprocess.run([*make, "-D", data], check=False, capture_output=True, cwd=folder, text=True)
    assert made.returncode == 0, made.stderr
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [part for one in (*SETTINGS, f"unix_socket_directories={folder}") for part in ("-c", one)]
    with (folder / "log").open("wb") as log:
        start = [*as_user, f"{programs[-1]}/postgres", "-D", str(data), "-p", str(port), *options]
        process = subprocess.Popen(start, stdout=log, stderr=log, cwd=folder)
    server = Postgres(port, process)
    try:
        server.wait()
        yield server
    finally:
        process.terminate()  # with runuser before it, the signal is passed on
        process.wait(30)
