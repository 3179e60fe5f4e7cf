"""Prometheus' snmp_exporter of Debian: scraped over HTTP, 50 targets at once; its own processor time is what counts."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from collectors.modules import COUNTERS, Object, Type
from collectors.oids import text
from collectors.snmp import Community, Oid, V3User
from tests.bench.polling.asked import Asked
from tests.bench.polling.contest import Cycle, processors
from tests.bench.responder import address

PROGRAM = "prometheus-snmp-exporter"
AT_ONCE = 50

#: Rows of a walk in a packet, and instances of a GET: its default, and more where ours asks more in a packet.
REPETITIONS = 25

#: What it calls types that are no numbers.
_TEXTS = {Type.TEXT: "DisplayString", Type.NAME: "DisplayString"}
_OCTETS = (Type.OCTETS, Type.ADDRESS, Type.FIXED, Type.IDENTIFIER)
_START_S = 20.0


class Exporter:
    """See contest.Poller."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], ports: tuple[int, int], asked: Asked) -> None:
        self.name, self._process, self._ports, self._asked = name, process, ports, asked
        self.devices = self.living = 0
        self.values = asked.values

    def of(self, devices: int, living: int) -> Exporter:
        """It, scraping so many devices."""
        self.devices, self.living = devices, living
        return self

    def cycle(self) -> Cycle:
        """Scrape all; what its process used."""
        used, start = cpu_s(self._process.pid), time.perf_counter()
        found = asyncio.run(self._scrape_all())
        wall = time.perf_counter() - start
        return Cycle(len(found), sum(found), cpu_s(self._process.pid) - used, wall)

    async def _scrape_all(self) -> list[int]:
        waiting, found = iter(range(self.devices)), list[int]()

        async def scraper() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._ports[0])
            for number in waiting:
                samples = await self._scrape(reader, writer, number)
                if samples:
                    found.append(samples)
            writer.close()

        await asyncio.gather(*(scraper() for _ in range(AT_ONCE)))
        return found

    async def _scrape(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> int:
        """Samples of a device, 0 where it did not answer."""
        target = f"/snmp?module=asked&target={address(number)}:{self._ports[1]}"
        writer.write(f"GET {target} HTTP/1.1\r\nHost: exporter\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"Content-Length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1])) if length else await _chunks(reader)
        if not head.startswith("HTTP/1.1 200"):
            return 0
        lines = body.decode().splitlines()
        return sum(not line.startswith(("#", "snmp_scrape_")) for line in lines)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A body in chunks."""
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


@contextmanager
def exporter(port: int, credentials: Community | V3User, asked: Asked) -> Iterator[Exporter]:
    """One that scrapes agents at ``port``, on the askers' processor."""
    path = shutil.which(PROGRAM)
    if path is None:
        raise FileNotFoundError(f"{PROGRAM} is missing: apt-get install {PROGRAM}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snmp.yml"
        file.write_text(yaml.safe_dump({"asked": _module(credentials, asked)}), encoding="utf-8")
        own = _free_port()
        argv = [path, f"--config.file={file}", f"--web.listen-address=127.0.0.1:{own}", "--log.level=error"]
        process = subprocess.Popen(argv, preexec_fn=lambda: os.sched_setaffinity(0, {processors()[0]}))
        try:
            _wait(own, process)
            yield Exporter(_version(path), process, (own, port), asked)
        finally:
            process.terminate()
            process.wait()


def _module(credentials: Community | V3User, asked: Asked) -> dict[str, Any]:
    """Its configuration of what ours asks: the same instances by GET, a walk of the same tables."""
    metrics: dict[Oid, dict[str, Any]] = {}
    for oid, one in asked.instances:
        column = one.oid if oid == one.oid else None
        metrics[one.oid] = _metric(one, () if column is not None else oid[len(one.oid) :])
    for walk in asked.walked:
        metrics.update({one.oid: _metric(one, (1,)) for one in walk})
    return {
        "get": [text(oid) for oid in asked.oids],
        "walk": sorted({text(one.oid[:-1]) for walk in asked.walked for one in walk}),
        "metrics": list(metrics.values()),
        "max_repetitions": max(REPETITIONS, len(asked.oids)),
        "timeout": "2s",
        "retries": 2,
        **_security(credentials),
    }


def _metric(one: Object, index: Oid) -> dict[str, Any]:
    kind = (
        "counter" if one.type in COUNTERS else _TEXTS.get(one.type, "OctetString" if one.type in _OCTETS else "gauge")
    )
    scalar = not index
    found: dict[str, Any] = {"name": one.mib_name, "oid": text(one.oid[:-1] if scalar else one.oid), "type": kind}
    if not scalar:
        found["indexes"] = [{"labelname": f"index{place}", "type": "gauge"} for place in range(len(index))]
    return {**found, "help": one.mib_name}


def _security(credentials: Community | V3User) -> Mapping[str, Any]:
    if isinstance(credentials, Community):
        return {"version": 2, "auth": {"community": credentials.community.reveal()}}
    auth = {
        "security_level": "authPriv", "username": credentials.name, "auth_protocol": "SHA256", "priv_protocol": "AES",
        "password": credentials.auth.reveal(), "priv_password": credentials.priv.reveal(),
    }  # fmt: skip
    return {"version": 3, "auth": auth}


def cpu_s(pid: int) -> float:
    """Seconds of processors that a process used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"{PROGRAM} does not listen: see what it wrote")


def _version(path: str) -> str:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"version (\S+)", said.stdout + said.stderr)
    return f"snmp_exporter {found[1].rstrip(',')}" if found else "snmp_exporter"
