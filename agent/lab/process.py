"""``serve``: one process, one event loop, one lab; it ends on SIGTERM or when asked over its control socket."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from agent.lab.errors import LabError
from agent.lab.machine import Lab
from agent.lab.spec import read_spec
from agent.lab.wire import CONTROL, MAX_LINE, socket_path

LOCK = "lab.lock"
#: Real seconds between two looks at what is due.
TICK_S = 0.2


async def serve(directory: Path) -> None:
    """Run the lab of ``directory`` until it is told to end; LabError when it cannot start."""
    lock = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LabError(f"{directory}: this lab is running already; lab down ends it") from None
        await _run(directory, Lab(directory, read_spec(directory)))
    finally:
        os.close(lock)


async def _run(directory: Path, lab: Lab) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    (directory / CONTROL).unlink(missing_ok=True)
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        await lab.start()
        door = Door(lab, ended)
        server = await asyncio.start_unix_server(door.visit, socket_path(handle), limit=MAX_LINE)
        (directory / CONTROL).chmod(0o600)
        try:
            await _live(lab, ended)
        finally:
            server.close()
    finally:
        await lab.close()
        os.close(handle)
        (directory / CONTROL).unlink(missing_ok=True)


async def _live(lab: Lab, ended: asyncio.Event) -> None:
    while not ended.is_set():
        lab.tick()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), TICK_S)


class Door:
    """Answers requests on the control socket; each names what to ``do``."""

    def __init__(self, lab: Lab, ended: asyncio.Event) -> None:
        self._ended = ended
        self._lab = lab
        self._operations: dict[str, Callable[[dict[str, Any]], Awaitable[Any]]] = {
            "status": self._status,
            "servers": self._servers,
            "break": self._break,
            "repair": self._repair,
            "replace": self._replace,
            "paste": self._paste,
            "ping": self._ping,
            "advance": self._advance,
            "down": self._down,
        }

    async def visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until its client leaves."""
        with contextlib.suppress(ConnectionError, asyncio.LimitOverrunError, ValueError, asyncio.CancelledError):
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            operation = self._operations[request["do"]]
            return {"ok": True, "result": await operation(request)}
        except LabError as refusal:
            return {"ok": False, "error": str(refusal)}
        except (ValueError, KeyError, TypeError) as problem:
            return {"ok": False, "error": f"the lab does not understand the request ({problem.__class__.__name__})"}

    async def _status(self, _: dict[str, Any]) -> Any:
        return self._lab.status()

    async def _servers(self, _: dict[str, Any]) -> Any:
        return self._lab.server_status()

    async def _break(self, request: dict[str, Any]) -> Any:
        value = request.get("value")
        number = None if value is None else float(value)
        self._lab.damage(str(request["device"]), str(request["what"]), number, str(request.get("vpn", "")))

    async def _repair(self, request: dict[str, Any]) -> Any:
        self._lab.repair(str(request["device"]), str(request.get("what", "")))

    async def _replace(self, request: dict[str, Any]) -> Any:
        self._lab.replace(str(request["device"]), str(request["serial"]))

    async def _paste(self, request: dict[str, Any]) -> Any:
        return await self._lab.paste(str(request["device"]), str(request["text"]))

    async def _ping(self, request: dict[str, Any]) -> Any:
        return self._lab.ping(str(request["address"]), int(request["count"]))

    async def _advance(self, request: dict[str, Any]) -> Any:
        self._lab.advance(float(request["seconds"]))

    async def _down(self, _: dict[str, Any]) -> Any:
        self._ended.set()
