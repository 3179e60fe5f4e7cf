"""One request's attempts, with a port that fails as it is told and no network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from collectors.snmp import Failure, Target
from collectors.snmp.exchange import MAX_LESSONS, Exchange, Outcome
from collectors.snmp.pdu import Kind, Pdu, Request
from collectors.snmp.port import Address
from collectors.snmp.session import Again, Sent, Verdict
from collectors.snmp.window import Window
from tests.unit.collectors.agents import COMMUNITY

TARGET = Target("192.0.2.1", 161, COMMUNITY, 0.05, 2)
REQUEST = Request(((1, 3, 6, 1),))


class FakePort:
    """Takes datagrams; ``problems`` says how each sending ends."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = iter(problems)
        self.sent: list[bytes] = []

    def send(self, datagram: bytes, address: Address) -> str:
        self.sent.append(datagram)
        return next(self.problems, "")


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


def run(port: FakePort, session: FakeSession, echoes: int = 0) -> tuple[Outcome, dict[tuple[Address, int], Exchange]]:
    """An exchange to its end; its first ``echoes`` messages are answered at once."""
    wanted: dict[tuple[Address, int], Exchange] = {}
    numbers: Iterator[int] = iter(range(1000))

    async def scenario() -> Outcome:
        exchange = Exchange(port, Window(10), wanted, session, lambda: next(numbers))
        running = asyncio.ensure_future(exchange.run(TARGET, REQUEST))
        heard = 0
        while not running.done():
            await asyncio.sleep(0)
            if len(port.sent) > heard and heard < echoes:
                heard += 1
                exchange.hear(b"", int(port.sent[-1]))
            else:
                await asyncio.sleep(0.005)
        return await running

    return asyncio.run(scenario()), wanted


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
    assert (outcome.pdu, outcome.failure, outcome.detail) == (None, failure, detail)
    assert (len(port.sent), session.given_up, wanted) == (3, 1, {})


def test_an_agent_that_teaches_without_end_is_left() -> None:
    port = FakePort([])
    outcome, wanted = run(port, FakeSession(Again("the agent keeps on", Failure.NOT_IN_TIME)), echoes=1000)
    assert (outcome.failure, outcome.detail) == (Failure.NOT_IN_TIME, "the agent keeps on")
    assert len(port.sent) == 1 + MAX_LESSONS
    assert wanted == {}


def test_an_answer_ends_it_and_frees_its_identifiers() -> None:
    answer = Pdu(Kind.RESPONSE, 0, 0, 0, ())
    port, session = FakePort([]), FakeSession(answer)
    outcome, wanted = run(port, session, echoes=1)
    assert outcome.pdu is answer
    assert (len(port.sent), session.given_up, wanted) == (1, 0, {})
