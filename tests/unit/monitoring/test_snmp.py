"""The collectors' answer becomes a sample: what is silent, what is unusable, what was never asked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from agent.monitoring.sample import Answer, Greets, InterfaceReading
from agent.monitoring.snmp import Door, RouterOrder, heard_of, neutral, poll_order, snmp_poller
from collectors.polling import Polled
from collectors.reading import Reading, Row, WrongType
from collectors.snmp import Failure
from tests.unit.collectors import agents
from tests.unit.collectors.agents import agent, serving
from tests.unit.monitoring.conftest import build_inventory

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
ANSWERS = {
    Failure.TIMEOUT: Answer.SILENT,
    Failure.NOT_SENT: Answer.NOT_ASKED,
    Failure.CLOSED: Answer.NOT_ASKED,
}


@pytest.mark.parametrize("failure", list(Failure))
def test_only_silence_counts_towards_down(failure: Failure) -> None:
    sample = neutral(Polled("leeds", T0.timestamp(), failure, "details"))
    assert sample.answer is ANSWERS.get(failure, Answer.UNUSABLE)
    assert sample.reason == f"{failure}: details"
    assert sample.interfaces is None
    assert sample.uptime_s is None


def test_an_answer_that_an_error_of_ours_spoils_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def spoilt(*_: object) -> None:
        raise ValueError("no such unit")

    monkeypatch.setattr("agent.monitoring.snmp.conditions", spoilt)
    heard = heard_of(Polled("leeds", T0.timestamp(), reading=Reading({"uptime_s": 5.0}), requests=3))
    assert (heard.router, heard.at, heard.requests) == ("leeds", T0.timestamp(), 3)
    assert (heard.answer, heard.reason, heard.sample) == (Answer.UNUSABLE, "the poll failed: no such unit", None)
    assert heard.tells
    assert "what leeds answered cannot be read: ValueError: no such unit" in caplog.text


@pytest.mark.parametrize(
    ("admin", "oper", "expected"),
    [
        ("up", "up", InterfaceReading(admin_up=True, oper_up=True)),
        ("up", "down", InterfaceReading(admin_up=True, oper_up=False)),
        ("up", "lower layer down", InterfaceReading(admin_up=True, oper_up=False)),
        ("up", "not present", InterfaceReading(admin_up=True, oper_up=False)),
        ("up", "dormant", InterfaceReading(admin_up=True, oper_up=None)),
        ("up", "unknown", InterfaceReading(admin_up=True, oper_up=None)),
        ("down", "down", InterfaceReading(admin_up=False, oper_up=False)),
        (None, None, InterfaceReading(admin_up=None, oper_up=None)),
    ],
)
def test_interface(admin: str | None, oper: str | None, expected: InterfaceReading) -> None:
    states = {name: state for name, state in (("admin", admin), ("oper", oper)) if state is not None}
    row: Row = {**states, "in_octets": 10}
    reading = Reading({"uptime_s": 5.0}, {"interfaces": {"Tunnel10": row}})
    sample = neutral(Polled("leeds", T0.timestamp(), reading=reading, round_trip_s=0.25))
    assert sample.answer is Answer.ANSWERED
    assert sample.interfaces == {"Tunnel10": expected}
    assert sample.round_trip_ms == 250
    assert sample.counters["Tunnel10 in_octets"] == 10
    assert "Tunnel10 out_octets" not in sample.counters


def test_what_a_poll_lost_and_the_far_ends_of_tunnels_are_handed_on() -> None:
    told = Reading({"uptime_s": 5.0}, {"ipsec": {"198.51.100.10": {}}})
    sample = neutral(Polled("leeds", T0.timestamp(), reading=told, requests=2, lost=1))
    assert (sample.requests, sample.lost, sample.peers) == (2, 1, frozenset({"198.51.100.10"}))


def test_ssh_is_tried_beside_a_poll_and_not_at_each_until_it_fails() -> None:
    view = build_inventory({"leeds": "leeds"}).router("leeds")
    now, tries = [T0], []

    async def run() -> list[Greets | None]:
        server = await asyncio.start_server(lambda _, writer: greet(writer), "127.0.0.1", 0)
        place: tuple[str, int] = server.sockets[0].getsockname()
        greeting = [True]

        def greet(writer: asyncio.StreamWriter) -> None:
            tries.append(now[0])
            writer.write(b"SSH-2.0-Cisco-1.25\r\n" if greeting[0] else b"")
            writer.close()

        found = []
        async with (
            server,
            agent(serving(agents.router())) as router,
            snmp_poller(lambda: now[0].timestamp()) as poller,
        ):
            for wait, greets in ((0, True), (60, True), (600, True), (10, True), (600, False), (10, False), (10, True)):
                now[0] += timedelta(seconds=wait)
                greeting[0] = greets
                heard = await poller.read(RouterOrder(poll_order(view, router.target()), Door(*place, 600.0)))
                found.append(None if heard.sample is None else heard.sample.greets)
        return found

    good, bad = Greets.GREETED, Greets.NO_BANNER
    assert asyncio.run(run()) == [good, None, good, None, bad, bad, good]
    assert len(tries) == 5


def test_wrong_types_are_named() -> None:
    wrong = WrongType("sysUpTime", "1.3.6.1.2.1.1.3.0", "TimeTicks", "OctetString")
    sample = neutral(Polled("leeds", T0.timestamp(), reading=Reading(problems=(wrong,))))
    assert sample.faults == ("sysUpTime (1.3.6.1.2.1.1.3.0): expected TimeTicks, found OctetString",)
    assert sample.uptime_s is None
