"""Agents that are dead, late, wrong, foreign or hostile: none delays or changes the answer of another."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from pysnmp.proto import rfc1902

from collectors.errors import BadTarget, CollectorError
from collectors.snmp import Answer, Failure, Missing, PollRequest, SnmpClient, Target, V3User
from tests import leaping
from tests.unit.collectors import objects
from tests.unit.collectors.agents import Agent, agent, answer, asked, refusal, serving, silent
from tests.unit.collectors.proxy import corrupted, emptied, one_bit, proxy, zeroed
from tests.unit.collectors.snmpd import SHA, SHA256, Snmpd

NAME = objects.SYS_NAME
TABLE = {NAME: rfc1902.OctetString("true")}
LIE = {NAME: rfc1902.OctetString("false")}


def run(scenario: Any) -> Any:
    async def bounded() -> Any:
        async with asyncio.timeout(30):
            return await scenario()

    return leaping.run(bounded())


def run_beside(scenario: Any) -> Any:
    """In real time, as a real agent needs it."""
    return asyncio.run(scenario())


def ask_liar(behaviour: Callable[[bytes], Iterable[bytes]], retries: int = 0) -> tuple[Answer, Agent]:
    async def scenario() -> tuple[Answer, Agent]:
        async with agent(behaviour) as liar, SnmpClient() as client:
            return await client.get(liar.target(timeout_s=0.3, retries=retries), [NAME]), liar

    found: tuple[Answer, Agent] = run(scenario)
    return found


def with_other_identifier(datagram: bytes) -> list[bytes]:
    """A correct answer, but to another request."""
    at = datagram.index(b"\x02\x04") + 2
    other = bytes((datagram[at] & 0x7F,)) + bytes(octet ^ 0x55 for octet in datagram[at + 1 : at + 4])
    return [answer(datagram[:at] + other + datagram[at + 4 :], LIE)]


def test_a_dead_agent_is_a_timeout_and_no_value() -> None:
    found, dead = ask_liar(silent, retries=2)
    assert (found.failure, dict(found.values)) == (Failure.TIMEOUT, {})
    assert len(dead.heard) == 3


def test_an_answer_lost_once_comes_by_retry() -> None:
    losses = iter([True, False])
    found, _ = ask_liar(lambda datagram: [] if next(losses) else [answer(datagram, TABLE)], retries=1)
    assert found.values == {NAME: b"true"}


@pytest.mark.parametrize(
    ("lie", "failure"),
    [
        pytest.param(with_other_identifier, Failure.TIMEOUT, id="another request's identifier"),
        pytest.param(lambda d: [answer(d, TABLE)[:-1]], Failure.TIMEOUT, id="cut short"),
        pytest.param(lambda d: [answer(d, TABLE) + b"\0"], Failure.UNUSABLE, id="octets behind it"),
        pytest.param(lambda d: [answer(d.replace(b"lab", b"bal"), TABLE)], Failure.UNUSABLE, id="another community"),
        pytest.param(lambda _: [b"\xff" * 65000], Failure.TIMEOUT, id="oversized noise"),
        pytest.param(lambda d: [d], Failure.UNUSABLE, id="the request itself"),
        pytest.param(
            lambda d: [answer(d, TABLE).replace(b"\x01\x05\x00\x04", b"\x01\x06\x00\x04")],
            Failure.UNUSABLE,
            id="another object",
        ),
        pytest.param(lambda d: [refusal(d, 5)], Failure.REFUSED, id="genErr"),
        pytest.param(lambda d: [refusal(d, 1)], Failure.REFUSED, id="tooBig for one variable"),
    ],
)
def test_a_wrong_answer_is_no_answer(lie: Callable[[bytes], Iterable[bytes]], failure: Failure) -> None:
    found, _ = ask_liar(lie)
    assert found.failure is failure
    assert not found.values


def test_the_true_answer_still_counts_among_lies() -> None:
    lies: list[Callable[[bytes], Iterable[bytes]]] = [
        with_other_identifier,
        lambda d: [answer(d, TABLE)[:-1]],
        lambda _: [b"", b"\x30", b"\xff" * 1000],
        lambda d: [answer(d.replace(b"lab", b"bal"), LIE)],
    ]
    found, _ = ask_liar(lambda d: [lied for lie in lies for lied in lie(d)] + [answer(d, TABLE)])
    assert (found.failure, found.values) == (None, {NAME: b"true"})


def test_an_answer_from_another_address_or_port_is_not_believed() -> None:
    async def scenario() -> tuple[Answer, int]:
        async with agent(silent) as asked_one, agent(silent) as port, agent(silent, "127.0.0.2") as address:

            def misdirect(datagram: bytes) -> Iterable[bytes]:
                for other in (port, address):
                    other.transport.sendto(answer(datagram, LIE), asked_one.askers[-1])
                return []

            asked_one.behaviour = misdirect
            async with SnmpClient() as client:
                found = await client.get(asked_one.target(timeout_s=0.3, retries=0), [NAME])
                return found, client.traffic.unmatched

    found, unmatched = run(scenario)
    assert found.failure is Failure.TIMEOUT
    assert unmatched == 2


def test_a_late_answer_never_becomes_that_of_a_later_request() -> None:
    async def scenario() -> tuple[Answer, Answer, int]:
        late: list[bytes] = []

        def slow_then_quick(datagram: bytes) -> Iterable[bytes]:
            if not late:
                late.append(answer(datagram, LIE))
                return []
            return [late[0], answer(datagram, TABLE)]

        async with agent(slow_then_quick) as slow, SnmpClient() as client:
            first = await client.get(slow.target(timeout_s=0.2, retries=0), [NAME])
            second = await client.get(slow.target(timeout_s=2, retries=0), [NAME])
            return first, second, client.traffic.unmatched

    first, second, unmatched = run(scenario)
    assert first.failure is Failure.TIMEOUT
    assert second.values == {NAME: b"true"}
    assert unmatched == 1


def test_an_answer_to_the_first_try_counts_while_the_second_is_under_way() -> None:
    async def scenario() -> Answer:
        held: list[bytes] = []

        def one_behind(datagram: bytes) -> Iterable[bytes]:
            held.append(answer(datagram, TABLE))
            return held[:1] if len(held) == 2 else []

        async with agent(one_behind) as slow, SnmpClient() as client:
            return await client.get(slow.target(timeout_s=0.3, retries=1), [NAME])

    assert run(scenario).values == {NAME: b"true"}


def test_dead_and_lying_agents_delay_no_other() -> None:
    """With only the fifty places of a cramped system, the living answer while a hundred dead are still being tried."""

    async def scenario() -> tuple[list[str], set[str], int]:
        async with (
            agent(silent) as dead,
            agent(with_other_identifier) as liar,
            agent(serving(TABLE)) as living,
            SnmpClient(receive_buffer=100 << 10) as client,
        ):
            requests = [PollRequest(f"dead{n}", dead.target(timeout_s=2, retries=0), oids=(NAME,)) for n in range(100)]
            requests += [PollRequest(f"liar{n}", liar.target(timeout_s=2, retries=0), oids=(NAME,)) for n in range(20)]
            requests += [PollRequest(f"living{n}", living.target(), oids=(NAME,)) for n in range(100)]
            order = [found async for found in client.poll(requests)]
            right = {found.key for found in order if found.answer.values == {NAME: b"true"}}
            return [found.key for found in order], right, client.in_flight_limit

    order, right, limit = run(scenario)
    assert limit == 50
    assert len(order) == 220
    assert right == {key for key in order if key.startswith("living")}
    assert all(key.startswith("living") for key in order[:100])


def test_leaving_a_batch_early_drops_the_rest() -> None:
    async def scenario() -> int:
        async with agent(silent) as dead, agent(serving(TABLE)) as living, SnmpClient() as client:
            requests = [PollRequest("dead", dead.target(timeout_s=10), oids=(NAME,))]
            requests += [PollRequest("living", living.target(), oids=(NAME,))]
            answers = client.poll(requests)
            assert (await anext(answers)).key == "living"
            await answers.aclose()
            return len(asyncio.all_tasks())

    assert run(scenario) == 1


def test_requests_under_way_or_in_line_when_the_client_closes_get_an_answer() -> None:
    async def scenario() -> list[Failure | None]:
        async with agent(silent) as dead:
            async with SnmpClient(in_flight=1) as client:
                waiting = [asyncio.ensure_future(client.get(dead.target(timeout_s=30), [NAME])) for _ in range(3)]
                while not dead.heard:
                    await asyncio.sleep(0.01)
            return [(await one).failure for one in waiting]

    assert run(scenario) == [Failure.CLOSED] * 3


def test_a_closed_client_says_so() -> None:
    with pytest.raises(CollectorError, match="async with"):
        run(lambda: SnmpClient().get(Target("127.0.0.1", 161, SHA), [NAME]))


@pytest.mark.parametrize(
    ("address", "port", "timeout_s", "retries"),
    [
        ("router1", 161, 1, 1),
        ("::1", 161, 1, 1),
        ("", 161, 1, 1),
        ("010.0.0.1", 161, 1, 1),
        ("10.0.0.1", 0, 1, 1),
        ("10.0.0.1", 70000, 1, 1),
        ("10.0.0.1", 161, 0, 1),
        ("10.0.0.1", 161, float("nan"), 1),
        ("10.0.0.1", 161, 1, -1),
    ],
)
def test_a_target_that_cannot_be_is_refused(address: str, port: int, timeout_s: float, retries: int) -> None:
    with pytest.raises(BadTarget):
        Target(address, port, SHA, timeout_s, retries)


def test_an_address_that_cannot_be_sent_to_is_an_answer() -> None:
    async def scenario() -> Answer:
        async with SnmpClient() as client:
            return await client.get(Target("255.255.255.255", 9, SHA, 0.2, 0), [NAME])

    found = run(scenario)
    assert found.failure is Failure.NOT_SENT
    assert found.detail


def test_what_is_too_big_is_asked_in_halves() -> None:
    wanted = [(1, 3, 6, 1, 4, 1, 99999, n) for n in range(9)]
    table = {oid: rfc1902.Integer32(oid[-1]) for oid in wanted}

    async def scenario() -> Answer:
        def narrow(datagram: bytes) -> list[bytes]:
            return [answer(datagram, table) if len(asked(datagram)) <= 2 else refusal(datagram, 1)]

        async with agent(narrow) as small, SnmpClient() as client:
            return await client.get(small.target(), wanted)

    found = run(scenario)
    assert found.failure is None
    assert found.values == {oid: oid[-1] for oid in wanted}


COLUMN = (1, 3, 6, 1, 4, 1, 99999, 1)
OTHER = (1, 3, 6, 1, 4, 1, 99999, 2)


def walk(behaviour: Callable[[bytes], Iterable[bytes]], **limits: int) -> Answer:
    async def scenario() -> Answer:
        async with agent(behaviour) as one, SnmpClient() as client:
            return await client.bulk(one.target(timeout_s=0.5, retries=0), [COLUMN, OTHER], **limits)

    found: Answer = run(scenario)
    return found


def test_columns_of_different_length_are_walked_to_their_ends() -> None:
    table = {(*COLUMN, n): rfc1902.Integer32(n) for n in range(1, 30)}
    table |= {(*OTHER, n): rfc1902.Integer32(n) for n in range(1, 4)}
    for repetitions in (1, 3, 8, 50):
        found = walk(serving(table), repetitions=repetitions)
        assert found.failure is None
        assert found.values == {oid: oid[-1] for oid in table}


def test_an_agent_that_goes_in_circles_is_stopped() -> None:
    def circle(datagram: bytes) -> list[bytes]:
        """Whatever is asked, what follows the names is the names."""
        return [refusal(datagram, 0)]

    found = walk(circle)
    assert found.failure is Failure.UNUSABLE
    assert "goes back" in found.detail


def test_a_table_without_end_is_stopped() -> None:
    endless = {(*column, n): rfc1902.Integer32(n) for column in (COLUMN, OTHER) for n in range(2000)}
    found = walk(serving(endless), max_rows=100)
    assert found.failure is Failure.UNUSABLE
    assert "more than 100 rows" in found.detail


def test_more_rows_than_were_asked_for_are_refused() -> None:
    table = {(*COLUMN, n): rfc1902.Integer32(n) for n in range(1, 30)}
    asked_for = b"\x02\x01\x02"  # max-repetitions 2
    found = walk(lambda d: [answer(d.replace(asked_for, b"\x02\x01\x09"), table)], repetitions=2)
    assert found.failure is Failure.UNUSABLE
    assert "18 variables where 1 to 4" in found.detail


def test_missing_columns_are_empty_not_failures() -> None:
    found = walk(serving({(1, 3, 9): rfc1902.Integer32(1)}))
    assert (found.failure, dict(found.values)) == (None, {})
    assert walk(serving({})).failure is None


@pytest.mark.parametrize("user", [pytest.param(SHA, id="sha"), pytest.param(SHA256, id="sha256")])
@pytest.mark.parametrize("change", [corrupted, one_bit, zeroed, emptied])
def test_a_v3_answer_without_a_right_code_is_refused(
    snmpd: Snmpd, user: V3User, change: Callable[[bytes], list[bytes]]
) -> None:
    async def scenario() -> tuple[Answer, Answer, Answer]:
        async with proxy(snmpd, lambda m: [m]) as middle, SnmpClient() as client:
            honest = await client.get(middle.target(user, timeout_s=30), [NAME])
            middle.change = change
            evil = await client.get(middle.target(user), [NAME])
            middle.change = lambda m: [m]
            return honest, evil, await client.get(middle.target(user, timeout_s=30), [NAME])

    honest, evil, after = run_beside(scenario)
    assert honest.values == after.values == {NAME: b"test-agent"}
    assert evil.failure is Failure.UNUSABLE
    assert "authentication code" in evil.detail
    assert not evil.values


def test_the_true_v3_answer_counts_among_forged_ones(snmpd: Snmpd) -> None:
    async def scenario() -> Answer:
        def everything(message: bytes) -> list[bytes]:
            return [*corrupted(message), *emptied(message), message[:40], *zeroed(message), message]

        async with proxy(snmpd, everything) as middle, SnmpClient() as client:
            await client.get(middle.target(SHA256, timeout_s=30), [NAME])
            return await client.get(middle.target(SHA256, timeout_s=30), [NAME])

    assert run_beside(scenario).values == {NAME: b"test-agent"}


def test_a_replayed_v3_answer_is_not_believed(snmpd: Snmpd) -> None:
    async def scenario() -> tuple[Answer, int]:
        recorded: list[bytes] = []

        def record(message: bytes) -> list[bytes]:
            recorded.append(message)
            return [message]

        async with proxy(snmpd, record) as middle, SnmpClient() as client:
            await client.get(middle.target(SHA, timeout_s=30), [NAME])
            middle.change = lambda _: recorded
            before = client.traffic.unmatched
            found = await client.get(middle.target(SHA), [NAME])
            return found, client.traffic.unmatched - before

    found, unmatched = run_beside(scenario)
    assert found.failure is Failure.TIMEOUT
    assert unmatched >= 1


def test_noise_from_a_v3_agent_raises_nothing(snmpd: Snmpd) -> None:
    dice = random.Random(4)

    def damage(message: bytes) -> list[bytes]:
        damaged = []
        for _ in range(60):
            noise = bytearray(message)
            for _ in range(dice.randint(1, 6)):
                noise[dice.randrange(len(noise))] = dice.randrange(256)
            damaged.append(bytes(noise[: dice.randint(1, len(noise))]))
        return [*damaged, message]

    async def scenario() -> tuple[list[Answer], list[Any]]:
        errors: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
        async with proxy(snmpd, damage) as middle, SnmpClient() as client:
            return [await client.get(middle.target(SHA, timeout_s=30, retries=2), [NAME]) for _ in range(10)], errors

    answers, errors = run_beside(scenario)
    assert errors == []
    assert all(found.values == {NAME: b"test-agent"} for found in answers)
    assert Missing.NO_SUCH_OBJECT not in {value for found in answers for value in found.values.values()}
