"""The agent simulator is an SNMP agent: net-snmp's tools and pysnmp read of it what its file of objects says."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator

import pytest

from collectors.snmp import Community, Failure, PollRequest, SnmpClient, V3User
from tests.bench.peers import with_pysnmp
from tests.bench.responder import COMMUNITY, SHA1, SHA256, SPOKE, Responder, address, is_dead, process
from tests.unit.collectors.snmpd import program

SYS_UPTIME, SYS_NAME = (1, 3, 6, 1, 2, 1, 1, 3, 0), (1, 3, 6, 1, 2, 1, 1, 5, 0)
IN_OCTETS = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 1)
BOOTS = (1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0)
#: The devices of two numbers do not know of each other.
ONE, OTHER = 3, 4


@pytest.fixture(scope="module")
def agents() -> Iterator[Responder]:
    with Responder(SPOKE) as running:
        yield running


def security(credentials: Community | V3User) -> list[str]:
    """What net-snmp's tools call these credentials."""
    if isinstance(credentials, Community):
        return ["-v2c", "-c", credentials.community.reveal()]
    hashes = {"sha": "SHA", "sha256": "SHA-256"}
    return [
        *("-v3", "-l", "authPriv", "-u", credentials.name, "-x", "AES", "-a", hashes[credentials.auth_protocol]),
        *("-A", credentials.auth.reveal(), "-X", credentials.priv.reveal()),
    ]


def told(command: str, agents: Responder, credentials: Community | V3User, *words: str) -> list[str]:
    """The lines that a tool of net-snmp prints of one device."""
    place = f"{address(ONE)}:{agents.port}"
    argv = [program(command), *security(credentials), "-m", "", "-On", "-t", "5", place, *words]
    said = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    return said.stdout.splitlines()


EACH = pytest.mark.parametrize("credentials", [COMMUNITY, SHA1, SHA256], ids=["v2c", "v3 SHA-1", "v3 SHA-256"])


@EACH
@pytest.mark.parametrize("command", ["snmpwalk", "snmpbulkwalk"])
def test_net_snmp_walks_all_objects_in_order(agents: Responder, credentials: Community | V3User, command: str) -> None:
    lines = [line for line in told(command, agents, credentials, ".1") if "No more variables" not in line]
    names = [line.partition(" = ")[0].lstrip(".") for line in lines]
    in_order = sorted({line.split()[0] for line in SPOKE}, key=lambda oid: [int(part) for part in oid.split(".")])
    assert names == in_order


@EACH
def test_net_snmp_gets_values_and_what_is_not_there(agents: Responder, credentials: Community | V3User) -> None:
    lines = told("snmpget", agents, credentials, ".1.3.6.1.2.1.1.5.0", ".1.3.6.1.2.1.1.7.0", ".1.3.6.1.2.1.99.0")
    assert lines[0].endswith('STRING: "dev-1-0-4"')
    assert lines[1].endswith("INTEGER: 78")
    assert "No Such Instance" in lines[2]


@EACH
def test_ours_reads_the_same_and_each_device_is_another(agents: Responder, credentials: Community | V3User) -> None:
    async def read() -> list[dict[tuple[int, ...], object]]:
        async with SnmpClient() as client:
            targets = [agents.target(number, credentials) for number in (ONE, OTHER)]
            return [dict((await client.get(one, [SYS_NAME, IN_OCTETS, SYS_UPTIME])).values) for one in targets]

    one, other = asyncio.run(read())
    assert (one[SYS_NAME], other[SYS_NAME]) == (b"dev-1-0-4", b"dev-1-0-5")
    assert one[IN_OCTETS] != other[IN_OCTETS]


def test_pysnmp_agrees_with_ours_in_v3(agents: Responder) -> None:
    request = PollRequest("one", agents.target(ONE, SHA256), (SYS_NAME, BOOTS))
    with with_pysnmp([request]) as cycle:
        theirs = cycle()["one"]

    async def read() -> dict[tuple[int, ...], object]:
        async with SnmpClient() as client:
            return dict((await client.get(request.target, request.oids)).values)

    ours = asyncio.run(read())
    assert bytes(theirs[SYS_NAME]) == ours[SYS_NAME]
    assert int(theirs[BOOTS]) == ours[BOOTS]


def test_counters_grow_with_time_and_a_reboot_is_one() -> None:
    async def read(agents: Responder) -> tuple[dict[tuple[int, ...], int], ...]:
        async with SnmpClient() as client:
            target, found = agents.target(ONE, SHA1), []
            for turn in range(3):
                if turn == 2:
                    agents.fault(ONE, "reboot")
                answer = await client.get(target, [SYS_UPTIME, IN_OCTETS, BOOTS])
                found.append({oid: value for oid, value in answer.values.items() if isinstance(value, int)})
                await asyncio.sleep(0.02)
            return tuple(found)

    with Responder(SPOKE) as agents:
        first, second, after = asyncio.run(read(agents))
    assert second[SYS_UPTIME] > first[SYS_UPTIME] > after[SYS_UPTIME]
    assert second[IN_OCTETS] > first[IN_OCTETS]
    assert (second[BOOTS], after[BOOTS]) == (first[BOOTS], first[BOOTS] + 1)


def test_the_dead_share_is_the_same_each_time_and_about_as_large_as_ordered() -> None:
    async def living(agents: Responder) -> list[int]:
        requests = [PollRequest(str(n), agents.target(n, COMMUNITY, 0.2, 0), (SYS_NAME,)) for n in range(500)]
        async with SnmpClient() as client:
            found = [one async for one in client.poll(requests)]
        return sorted(int(one.key) for one in found if one.answer.failure is not Failure.TIMEOUT)

    runs = []
    for _ in range(2):
        with Responder(SPOKE) as agents:
            agents.dead(200)
            runs.append(asyncio.run(living(agents)))
            assert agents.counts().devices == 500
    assert runs[0] == runs[1] == sorted(number for number in range(500) if not is_dead(number, 200))
    assert 350 < len(runs[0]) < 450


def test_without_a_compiler_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    process.program.cache_clear()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(process.Unbuildable, match="apt-get install gcc"):
        process.program()


def test_an_order_that_it_does_not_know_is_refused(agents: Responder) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        agents.fault(ONE, "haunted")
