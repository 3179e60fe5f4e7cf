"""One request's attempts, with a port that fails as it is told and no network."""

from __future__ import annotations

import asyncio

import pytest

from collectors.codec.answer import Reply
from collectors.codec.pdu import Request
from collectors.security.session import Again, Sent, Verdict
from collectors.snmp import Failure
from collectors.snmp.asker import Asker, unpredictable
from collectors.snmp.exchange import MAX_LESSONS, Exchange, Outcome
from collectors.snmp.port import Address
from collectors.snmp.wheel import Wheel

PLACE = ("192.0.2.1", 161)
PATIENCE = (0.05, 0.05, 0.05)
REQUEST = Request.of(((1, 3, 6, 1),))
ANSWER = Reply(0, 0, bytearray(), [], None)


class FakePort:
    """Takes datagrams; ``problems`` says how each sending ends."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = iter(problems)
        self.sent: list[bytes] = []

    def send(self, datagram: bytes, address: Address) -> str:
        self.sent.append(datagram)
        return next(self.problems, "")

    def drain(self) -> bool:
        return True


class FakeSession:
    """Judges everything the same."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.given_up = 0

    def seal(self, request: Request, identifier: int) -> Sent:
        return Sent(identifier, str(identifier).encode())

    def judge(self, datagram: bytes, sent: Sent) -> Verdict:
        return self.verdict

    def gave_up(self) -> None:
        self.given_up += 1


def run(port: FakePort, session: FakeSession, echoes: int = 0) -> tuple[Outcome, dict[int, Exchange]]:
    """An exchange to its end; its first ``echoes`` messages are answered at once."""

    async def scenario() -> tuple[Outcome, dict[int, Exchange]]:
        asker = Asker(port, 10)
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        exchange = asker.ask(PLACE, session, REQUEST, PATIENCE, outcome.set_result)
        heard = 0
        while not outcome.done():
            if len(port.sent) > heard and heard < echoes:
                heard += 1
                exchange.hear(b"", int(port.sent[-1]))
            else:
                await asyncio.sleep(0.005)
        return await outcome, asker.wanted

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("problems", "failure", "detail"),
    [
        ([], Failure.TIMEOUT, ""),
        (["unreachable"] * 3, Failure.NOT_SENT, "unreachable"),
        (["unreachable"], Failure.TIMEOUT, ""),
        (["", "unreachable", "unreachable"], Failure.TIMEOUT, ""),
    ],
)
def test_silence_is_a_timeout_only_if_anything_went_out(problems: list[str], failure: Failure, detail: str) -> None:
    port, session = FakePort(problems), FakeSession(Again("", Failure.UNUSABLE))
    outcome, wanted = run(port, session)
    assert (outcome.reply, outcome.failure, outcome.detail) == (None, failure, detail)
    assert (len(port.sent), session.given_up, wanted) == (3, 1, {})


def test_an_agent_that_teaches_without_end_is_left() -> None:
    port = FakePort([])
    outcome, wanted = run(port, FakeSession(Again("the agent keeps on", Failure.NOT_IN_TIME)), echoes=1000)
    assert (outcome.failure, outcome.detail) == (Failure.NOT_IN_TIME, "the agent keeps on")
    assert len(port.sent) == 1 + MAX_LESSONS
    assert wanted == {}


def test_an_answer_ends_it_and_frees_its_identifiers() -> None:
    port, session = FakePort([]), FakeSession(ANSWER)
    outcome, wanted = run(port, session, echoes=1)
    assert outcome.reply is ANSWER
    assert (len(port.sent), session.given_up, wanted) == (1, 0, {})


def test_no_more_than_the_window_are_under_way_and_all_get_their_turn() -> None:
    """A place is given up long before the time-out, so the dead ones hold nobody up for it."""

    async def scenario() -> tuple[int, int]:
        port = FakePort([])
        asker = Asker(port, 3)
        told: list[Outcome] = []
        for _ in range(9):
            asker.ask(PLACE, FakeSession(ANSWER), REQUEST, (30.0,), told.append)
        first = len(port.sent)
        while len(port.sent) < 9:
            await asyncio.sleep(0.01)
        assert not told
        asker.close()
        assert [outcome.failure for outcome in told] == [Failure.CLOSED] * 9
        return first, asker.free

    assert asyncio.run(scenario()) == (3, 3)


def test_who_waits_in_line_can_be_dropped() -> None:
    async def scenario() -> tuple[list[Outcome], int, int]:
        port = FakePort([])
        asker = Asker(port, 1)
        told: list[Outcome] = []
        first, second, _ = (asker.ask(PLACE, FakeSession(ANSWER), REQUEST, (30.0,), told.append) for _ in range(3))
        second.drop()
        first.hear(b"", int(port.sent[0]))
        asker.close()
        return told, len(port.sent), len(asker.wanted)

    told, sent, wanted = asyncio.run(scenario())
    assert [outcome.failure for outcome in told] == [None, Failure.CLOSED]
    assert (sent, wanted) == (2, 0)


def test_identifiers_are_of_31_bits_and_none_is_used_twice_at_once() -> None:
    numbers = unpredictable()
    drawn = [next(numbers) for _ in range(5000)]
    assert all(0 <= number < 2**31 for number in drawn)
    assert len(set(drawn)) > 4900

    async def scenario() -> set[int]:
        asker = Asker(FakePort([]), 10, iter((7, 7, 7, 8, 9)))
        for _ in range(3):
            asker.ask(PLACE, FakeSession(ANSWER), REQUEST, (30.0,), lambda _: None)
        return set(asker.wanted)

    assert asyncio.run(scenario()) == {7, 8, 9}


class Thing:
    """Notes when it expires."""

    def __init__(self, name: str, expired: list[str]) -> None:
        self.tick = 0
        self._name, self._expired = name, expired

    def expired(self) -> None:
        self._expired.append(self._name)


def test_deadlines_come_in_order_and_only_those_that_still_hold() -> None:
    async def scenario() -> list[str]:
        wheel, expired = Wheel(), list[str]()
        early, late, moved, dropped = (Thing(name, expired) for name in ("early", "late", "moved", "dropped"))
        now = wheel.now()
        for thing, seconds in ((late, 0.1), (early, 0.05), (moved, 0.02), (dropped, 0.05)):
            wheel.set(thing, now + seconds)
        wheel.set(moved, now + 0.15)
        wheel.drop(dropped)
        while len(expired) < 3:
            await asyncio.sleep(0.01)
        return expired

    assert asyncio.run(scenario()) == ["early", "late", "moved"]


def test_nothing_expires_while_an_answer_lies_unread_unless_somebody_floods_us() -> None:
    async def scenario(unread: int) -> tuple[list[str], int]:
        left, expired = unread, list[str]()

        def hear() -> bool:
            nonlocal left
            left -= 1
            if left == 0:
                wheel.drop(answered)
            return left < 0

        wheel = Wheel(hear)
        answered, silent = Thing("answered", expired), Thing("silent", expired)
        for thing in (answered, silent):
            wheel.set(thing, wheel.now() + 0.02)
        while "silent" not in expired:
            await asyncio.sleep(0.005)
        return expired, left

    assert asyncio.run(scenario(unread=5)) == (["silent"], -1)
    flooded, left = asyncio.run(scenario(unread=1_000_000))
    assert set(flooded) == {"answered", "silent"}
    assert left > 0


def test_what_fails_as_it_expires_holds_up_no_other() -> None:
    class Bad(Thing):
        def expired(self) -> None:
            super().expired()
            raise ValueError("odd")

    async def scenario() -> tuple[list[str], int]:
        failed: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failed.append(context))
        wheel, expired = Wheel(), list[str]()
        at = wheel.now() + 0.02
        for thing in (Bad("bad", expired), Bad("worse", expired), Thing("good", expired), Thing("better", expired)):
            wheel.set(thing, at)
        while len(expired) < 4:
            await asyncio.sleep(0.01)
        return sorted(expired), len(failed)

    async def bounded() -> tuple[list[str], int]:
        async with asyncio.timeout(5):
            return await scenario()

    assert asyncio.run(bounded()) == (["bad", "better", "good", "worse"], 2)
