"""The collectors' answer becomes a sample: what is silent, what is unusable, what was never asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.monitoring.sample import Answer, InterfaceReading
from agent.monitoring.snmp import neutral
from collectors.sample import AdminStatus, InterfaceSample, OperStatus, RouterSample, WrongType
from collectors.snmp import Failure

T0 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
ANSWERS = {
    Failure.TIMEOUT: Answer.SILENT,
    Failure.NOT_SENT: Answer.NOT_ASKED,
    Failure.CLOSED: Answer.NOT_ASKED,
}


@pytest.mark.parametrize("failure", list(Failure))
def test_only_silence_counts_towards_down(failure: Failure) -> None:
    sample = neutral(RouterSample("leeds", T0, failure, "details"))
    assert sample.answer is ANSWERS.get(failure, Answer.UNUSABLE)
    assert sample.reason == f"{failure}: details"
    assert sample.interfaces is None
    assert sample.uptime_s is None


@pytest.mark.parametrize(
    ("admin", "oper", "expected"),
    [
        (AdminStatus.UP, OperStatus.UP, InterfaceReading(admin_up=True, oper_up=True)),
        (AdminStatus.UP, OperStatus.DOWN, InterfaceReading(admin_up=True, oper_up=False)),
        (AdminStatus.UP, OperStatus.LOWER_LAYER_DOWN, InterfaceReading(admin_up=True, oper_up=False)),
        (AdminStatus.UP, OperStatus.NOT_PRESENT, InterfaceReading(admin_up=True, oper_up=False)),
        (AdminStatus.UP, OperStatus.DORMANT, InterfaceReading(admin_up=True, oper_up=None)),
        (AdminStatus.UP, OperStatus.UNKNOWN, InterfaceReading(admin_up=True, oper_up=None)),
        (AdminStatus.DOWN, OperStatus.DOWN, InterfaceReading(admin_up=False, oper_up=False)),
        (None, None, InterfaceReading(admin_up=None, oper_up=None)),
    ],
)
def test_interface(admin: AdminStatus | None, oper: OperStatus | None, expected: InterfaceReading) -> None:
    row = InterfaceSample(admin, oper, 1.0, 10, None, 0.0)
    sample = neutral(RouterSample("leeds", T0, uptime_s=5.0, round_trip_s=0.25, interfaces={"Tunnel10": row}))
    assert sample.answer is Answer.ANSWERED
    assert sample.interfaces == {"Tunnel10": expected}
    assert sample.round_trip_ms == 250
    assert sample.counters["Tunnel10 in_octets"] == 10
    assert "Tunnel10 out_octets" not in sample.counters


def test_wrong_types_are_named() -> None:
    wrong = WrongType("sysUpTime", "1.3.6.1.2.1.1.3.0", "TimeTicks", "OctetString")
    sample = neutral(RouterSample("leeds", T0, problems=(wrong,)))
    assert sample.faults == ("sysUpTime (1.3.6.1.2.1.1.3.0): expected TimeTicks, found OctetString",)
    assert sample.uptime_s is None
