"""One request a connection, one JSON object a line, one process a request: what the first process of a box does."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from typing import Any

Answer = Callable[[dict[str, Any]], Any]
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "TERM": "dumb"}
#: What a command wrote is kept to its end: the beginning of megabytes helps nobody.
LONGEST_OUTPUT = 4_000_000


def serve(door: socket.socket, answer: Answer, left: Callable[[], None] = lambda: None) -> None:
    """Answer on ``door`` for ever; ``left`` is called in a connection's process when its client has gone.

    Orphans are reaped: SIGCHLD is ignored here, and not in what is started.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        with contextlib.suppress(InterruptedError):
            connection, _ = door.accept()
            if os.fork() == 0:
                _visit(connection, answer, left)
            connection.close()


def _visit(connection: socket.socket, answer: Answer, left: Callable[[], None]) -> None:
    """In a process of its own: read, answer, end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        with connection, connection.makefile("rwb") as stream:
            for line in stream:
                stream.write(json.dumps(_safely(answer, line)).encode() + b"\n")
                stream.flush()
    finally:
        left()
        os._exit(0)


def _safely(answer: Answer, line: bytes) -> dict[str, Any]:
    try:
        return {"ok": True, "result": answer(json.loads(line))}
    except Exception as problem:  # noqa: BLE001 - the other side must hear of whatever happened here
        return {"ok": False, "error": f"{type(problem).__name__}: {problem}"}


def ask(path: str, request: dict[str, Any]) -> Any:
    """One request to the UNIX socket at ``path``; RuntimeError with what was answered when it failed."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        with client.makefile("rwb") as stream:
            stream.write(json.dumps(request).encode() + b"\n")
            stream.flush()
            line = stream.readline()
    reply = json.loads(line) if line else {"error": "the box went away"}
    if not reply.get("ok"):
        raise RuntimeError(reply["error"])
    return reply["result"]


def run_script(script: str, timeout_s: float) -> dict[str, Any]:
    """Type ``script`` into a shell of root; its exit code (None: it took too long) and what it wrote.

    Output goes to a file, so that a daemon that keeps it open holds nobody up.
    """
    output = os.memfd_create("output")
    process = subprocess.Popen(
        ["/bin/bash", "-s"],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )
    code: int | None = None
    try:
        process.communicate(script.encode(), timeout=timeout_s)
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    size = os.lseek(output, 0, os.SEEK_END)
    os.lseek(output, max(0, size - LONGEST_OUTPUT), os.SEEK_SET)
    with os.fdopen(output, "rb") as text:
        return {"code": code, "output": text.read(LONGEST_OUTPUT).decode(errors="replace")}
