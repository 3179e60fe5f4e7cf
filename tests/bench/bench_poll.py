"""A poll cycle of 200 devices, 44 objects each in one GET: ours, pysnmp and net-snmp's command on one real snmpd.

pysnmp has at most 50 requests under way; the command is a process for each device, four at a time.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from collectors import oids
from collectors.modules import modules_of
from collectors.questions import questions
from collectors.rows import Rows
from collectors.snmp import Community, PollRequest, SnmpClient, Target, V3User
from tests.bench.harness import Row, compare
from tests.bench.peers import with_pysnmp
from tests.unit.collectors.snmpd import PUBLIC, SHA256, Snmpd, free_port, program

DEVICES = 200
MODULES = tuple(module for module in modules_of("cisco") if not module.when)
INTERFACES = next(table for module in MODULES for table in module.tables if table.name == "interfaces")
ROWS = Rows(((INTERFACES, tuple((f"if{index}", (index,)) for index in range(1, 6))),))
OBJECTS = tuple(slot.oid for slot in questions(MODULES, ROWS, ()).slots)[-44:]

#: Processes of net-snmp's command at once.
COMMANDS_AT_ONCE = 4

#: What a cycle did: devices that answered, values that came.
Done = tuple[int, int]


def addresses() -> list[str]:
    return [f"127.1.0.{number}" for number in range(1, DEVICES + 1)]


def requests(port: int, credentials: Community | V3User) -> list[PollRequest]:
    return [PollRequest(address, Target(address, port, credentials, 5.0, 2), OBJECTS) for address in addresses()]


@contextmanager
def ours(port: int, credentials: Community | V3User) -> Iterator[Callable[[], Done]]:
    """One client that lives through all cycles, as the daemon's does."""
    asked = requests(port, credentials)
    with asyncio.Runner() as runner:
        client = SnmpClient()
        runner.run(client.__aenter__())

        async def cycle() -> Done:
            answers = [found.answer async for found in client.poll(asked)]
            good = [answer for answer in answers if answer.failure is None]
            return len(good), sum(len(answer.values) for answer in good)

        yield lambda: runner.run(cycle())
        runner.run(client.__aexit__(None, None, None))


@contextmanager
def pysnmp(port: int, credentials: Community | V3User) -> Iterator[Callable[[], Done]]:
    """The same requests."""
    with with_pysnmp(requests(port, credentials)) as cycle:

        def counted() -> Done:
            answers = cycle()
            return len(answers), sum(map(len, answers.values()))

        yield counted


@contextmanager
def with_command(port: int, credentials: Community | V3User) -> Iterator[Callable[[], Done]]:
    """A process a device."""
    if isinstance(credentials, Community):
        security = ["-v2c", "-c", credentials.community.reveal()]
    else:
        security = ["-v3", "-l", "authPriv", "-u", credentials.name, "-a", "SHA-256", "-x", "AES"]
        security += ["-A", credentials.auth.reveal(), "-X", credentials.priv.reveal()]
    names = [oids.text(oid) for oid in OBJECTS]
    snmpget = program("snmpget")

    def poll(address: str) -> int:
        argv = [snmpget, *security, "-m", "", "-t", "5", "-r", "2", "-Oqn", f"{address}:{port}", *names]
        said = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
        return len([line for line in said.stdout.splitlines() if line.startswith(".1.3")]) if not said.returncode else 0

    def cycle() -> Done:
        with ThreadPoolExecutor(COMMANDS_AT_ONCE) as pool:
            counts = list(pool.map(poll, addresses()))
        return sum(count > 0 for count in counts), sum(counts)

    yield cycle


def rows(rounds: int) -> Iterator[Row]:
    """A row for each security model and peer."""
    with tempfile.TemporaryDirectory() as home:
        agent = Snmpd(Path(home), free_port(), address="0.0.0.0")
        agent.start()
        try:
            for model, credentials in (("SNMPv2c", PUBLIC), ("SNMPv3 SHA-256/AES", SHA256)):
                for peer_name, peer in (("pysnmp 7 v3arch", pysnmp), ("net-snmp snmpget", with_command)):
                    with ours(agent.port, credentials) as own, peer(agent.port, credentials) as theirs:
                        yield compare(f"poll cycle of {DEVICES} devices, {model}", own, theirs, rounds, peer_name)
        finally:
            agent.stop()
