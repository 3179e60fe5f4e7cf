"""The client against net-snmp's real agent and tools: v2c and v3, restarts, lost clocks, wrong credentials."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable

import pytest

from collectors import oids
from collectors.snmp import (
    Answer,
    Community,
    Counter64,
    Failure,
    Missing,
    PollRequest,
    SnmpClient,
    Target,
    TimeTicks,
    V3User,
)
from inventory import Secret
from tests.unit.collectors import objects
from tests.unit.collectors.snmpd import PUBLIC, SHA, SHA256, Snmpd, program

IF_NAME = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)
ABSENT = (1, 3, 6, 1, 2, 1, 1, 99, 0)
ABSENT_ROW = (*objects.IF_HC_IN_OCTETS, 999999)

CREDENTIALS = [pytest.param(PUBLIC, id="v2c"), pytest.param(SHA, id="sha"), pytest.param(SHA256, id="sha256")]


def get(target: Target, *names: tuple[int, ...]) -> Answer:
    async def ask() -> Answer:
        async with SnmpClient() as client:
            return await client.get(target, names)

    return asyncio.run(ask())


@pytest.mark.parametrize("credentials", CREDENTIALS)
def test_get_gives_typed_values_and_markers(snmpd: Snmpd, credentials: Community | V3User) -> None:
    answer = get(
        snmpd.target(credentials), objects.SYS_UPTIME, objects.SYS_NAME, objects.ENGINE_BOOTS, ABSENT, ABSENT_ROW
    )
    assert answer.failure is None
    uptime = answer.values[objects.SYS_UPTIME]
    assert type(uptime) is TimeTicks
    assert uptime > 0
    assert answer.values[objects.SYS_NAME] == b"test-agent"
    assert answer.values[objects.ENGINE_BOOTS] == 1
    assert answer.values[ABSENT] is Missing.NO_SUCH_OBJECT
    assert answer.values[ABSENT_ROW] is Missing.NO_SUCH_INSTANCE
    assert answer.round_trip_s is not None
    assert answer.round_trip_s > 0


def interfaces(snmpd: Snmpd) -> set[bytes]:
    """The names of the agent's interfaces, as net-snmp's own tool walks them."""
    words = ["-v2c", "-c", "public", "-Oqv", "-m", "", f"127.0.0.1:{snmpd.port}", oids.text(IF_NAME)]
    said = subprocess.run([program("snmpbulkwalk"), *words], capture_output=True, text=True, timeout=30, check=True)
    return {line.strip('"').encode() for line in said.stdout.splitlines()}


@pytest.mark.parametrize("credentials", CREDENTIALS)
def test_bulk_gives_every_row_that_the_agent_has(snmpd: Snmpd, credentials: Community | V3User) -> None:
    async def walk() -> Answer:
        async with SnmpClient() as client:
            return await client.bulk(snmpd.target(credentials), [IF_NAME, objects.IF_HC_IN_OCTETS], repetitions=2)

    for _ in range(5):  # interfaces of this machine may come and go meanwhile
        before, answer = interfaces(snmpd), asyncio.run(walk())
        if before == interfaces(snmpd):
            break
    assert answer.failure is None
    names = {bytes(value) for oid, value in answer.values.items() if oid[:-1] == IF_NAME and isinstance(value, bytes)}
    assert names == before
    assert b"lo" in names
    counters = [value for oid, value in answer.values.items() if oid[:-1] == objects.IF_HC_IN_OCTETS]
    assert len(counters) == len(names)
    assert all(type(counter) is Counter64 for counter in counters)


def test_the_values_are_those_that_net_snmps_own_tool_reads(snmpd: Snmpd) -> None:
    names = (objects.SYS_NAME, objects.ENGINE_ID, objects.IF_NUMBER)
    security = ["-v3", "-l", "authPriv", "-u", "sha256-user", "-a", "SHA-256", "-A", "sha256-auth-secret"]
    security += ["-x", "AES", "-X", "sha256-priv-secret"]
    said = subprocess.run(
        [program("snmpget"), *security, "-Oqvx", "-m", "", f"127.0.0.1:{snmpd.port}", *map(oids.text, names)],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    ).stdout
    answer = get(snmpd.target(SHA256), *names)
    name, engine, number = (answer.values[oid] for oid in names)
    assert isinstance(name, bytes)
    assert isinstance(engine, bytes)
    assert [bytes.fromhex(octets) for octets in re.findall(r'"([^"]*)"', said)] == [name, engine]
    assert said.split()[-1] == str(number)


@pytest.mark.parametrize(
    ("credentials", "failures"),
    [
        pytest.param(Community(Secret("guessed")), {Failure.TIMEOUT}, id="community"),
        pytest.param(
            V3User("sha-user", Secret("wrong-secret"), Secret("sha-priv-secret"), "sha"),
            {Failure.WRONG_DIGEST},
            id="authentication",
        ),
        pytest.param(
            V3User("sha-user", Secret("sha-auth-secret"), Secret("wrong-secret"), "sha"),
            {Failure.WRONG_PRIVACY, Failure.TIMEOUT},  # net-snmp drops what does not decrypt to a scoped PDU
            id="privacy",
        ),
        pytest.param(
            V3User("sha256-user", Secret("sha256-auth-secret"), Secret("sha256-priv-secret"), "sha"),
            {Failure.WRONG_DIGEST},
            id="protocol",
        ),
        pytest.param(
            V3User("nobody", Secret("sha-auth-secret"), Secret("sha-priv-secret")), {Failure.UNKNOWN_USER}, id="user"
        ),
    ],
)
def test_wrong_credentials_fail_with_the_reason_and_show_nothing(
    snmpd: Snmpd, credentials: Community | V3User, failures: set[Failure]
) -> None:
    # Who hears a refusal waits on for a true answer; only silence is as good when it comes soon.
    timeout_s = 0.5 if Failure.TIMEOUT in failures else 3
    answer = get(snmpd.target(credentials, timeout_s=timeout_s, retries=0), objects.SYS_NAME)
    assert answer.failure in failures
    assert not answer.values
    for secret in ("guessed", "wrong-secret", "sha-auth-secret", "sha-priv-secret"):
        assert secret not in repr(answer)


@pytest.mark.parametrize("credentials", CREDENTIALS)
def test_one_client_follows_an_agent_through_restarts(
    new_snmpd: Callable[[], Snmpd], credentials: Community | V3User
) -> None:
    """Silent while down, at once there again with more boots, then with fewer, then with another engine."""
    agent = new_snmpd()

    async def scenario() -> list[Answer]:
        patient = agent.target(credentials)
        answers = []

        async def ask(target: Target) -> None:
            answers.append(await client.get(target, [objects.SYS_UPTIME, objects.ENGINE_BOOTS, objects.ENGINE_ID]))

        async with SnmpClient() as client:
            await ask(patient)
            agent.stop()
            await ask(agent.target(credentials, timeout_s=0.2, retries=1))
            agent.start()
            await ask(patient)
            agent.stop()
            agent.start()
            await ask(patient)
            agent.stop()
            agent.forget()
            agent.start()
            await ask(patient)
            agent.stop()
            agent.forget()
            agent.start(engine="another")
            await ask(patient)
        return answers

    first, down, back, again, reset, other = asyncio.run(scenario())
    assert [answer.failure for answer in (first, back, again, reset, other)] == [None] * 5
    assert down.failure is Failure.TIMEOUT
    assert objects.SYS_UPTIME not in down.values
    assert [a.values[objects.ENGINE_BOOTS] for a in (first, back, again, reset, other)] == [1, 2, 3, 1, 1]
    assert reset.values[objects.ENGINE_ID] == first.values[objects.ENGINE_ID] != other.values[objects.ENGINE_ID]


def test_more_instances_than_fit_a_packet_all_come_back(snmpd: Snmpd) -> None:
    names = [(*objects.IF_HC_IN_OCTETS, index) for index in range(1, 301)]
    for credentials in (PUBLIC, SHA256):
        answer = get(snmpd.target(credentials), *names)
        assert answer.failure is None
        assert set(answer.values) == set(names)


def test_a_batch_answers_each_key_for_itself(snmpd: Snmpd) -> None:
    requests = [
        PollRequest("scalars", snmpd.target(SHA), oids=(objects.SYS_NAME,)),
        PollRequest("columns", snmpd.target(SHA256), columns=(IF_NAME,)),
        PollRequest("both", snmpd.target(PUBLIC), oids=(objects.SYS_NAME,), columns=(IF_NAME,)),
        PollRequest("wrong", snmpd.target(Community(Secret("guessed")), 0.3, 0), oids=(objects.SYS_NAME,)),
    ]

    async def batch() -> dict[str, Answer]:
        async with SnmpClient() as client:
            return {answer.key: answer.answer async for answer in client.poll(requests)}

    answers = asyncio.run(batch())
    assert set(answers) == {"scalars", "columns", "both", "wrong"}
    assert answers["scalars"].values == {objects.SYS_NAME: b"test-agent"}
    assert set(answers["both"].values) == set(answers["columns"].values) | {objects.SYS_NAME}
    assert answers["wrong"].failure is Failure.TIMEOUT
