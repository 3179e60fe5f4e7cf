"""What can be broken, with which numbers; what a fault does to conditions, and that it ends as it should."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.lab.errors import LabError, LabStateError
from agent.lab.faults.breakage import Breakage
from agent.lab.faults.conditions import Conditions, Draws
from agent.lab.faults.kinds import SCALES, Break, Fault, asked
from agent.lab.faults.load import Load
from tests.unit.lab_net.conftest import Live


@pytest.fixture
def live() -> Live:
    return Live()


@pytest.mark.parametrize(
    ("what", "value", "vpn", "said"),
    [
        ("everything", None, "", "choose one of access"),
        ("loss", None, "", "needs a value"),
        ("loss", 0.0, "", "0.1 to 100%"),
        ("loss", 101.0, "", "0.1 to 100%"),
        ("delay", float("nan"), "", "1 to 10000 ms"),
        ("cpu", float("inf"), "", "1 to 100%"),
        ("access", 5.0, "", "takes no value"),
        ("ssh", None, "CORP", "not of one VPN"),
        ("key", 3.0, "", "takes no value"),
        ("key", None, "NOWHERE", "has no VPN NOWHERE: its VPNs are CCTV, CORP"),
    ],
)
def test_nonsense_is_refused_and_breaks_nothing(
    live: Live, what: str, value: float | None, vpn: str, said: str
) -> None:
    with pytest.raises(LabError, match=said):
        live.world.damage("spoke-a", what, value, vpn)
    assert live.world.faults("spoke-a") == ()
    assert live.world.network().management_reason("spoke-a", "icmp", None) is None


@given(st.sampled_from(Break), st.floats() | st.none())
def test_a_number_is_taken_only_within_its_scale(kind: Break, value: float | None) -> None:
    scale = SCALES.get(kind)
    good = value is None if scale is None else value is not None and scale.low <= value <= scale.high
    try:
        asked(kind, value, "")
    except LabError:
        assert not good
    else:
        assert good


def test_what_is_broken_is_told_with_its_number(live: Live) -> None:
    for what, value in (("loss", 12.5), ("loss", 20.0), ("delay", 300.0), ("cpu", 95.0), ("ssh", None)):
        live.world.damage("spoke-a", what, value)
    live.world.damage("spoke-a", "key")
    told = [str(fault) for fault in live.world.faults("spoke-a")]
    assert told == ["cpu 95%", "delay 300 ms", "key CORP", "loss 20%", "ssh"]
    live.world.mend("spoke-a", "loss")
    assert Break.LOSS not in {fault.kind for fault in live.world.faults("spoke-a")}
    live.world.mend("spoke-a")
    assert live.world.faults("spoke-a") == ()


def test_a_changed_key_fails_the_negotiation_and_is_in_the_running_configuration(live: Live) -> None:
    before = live.world.routers["spoke-a"].running
    live.world.damage("spoke-a", "key", vpn="cctv")
    live.wait(5)
    links = {(link.interface, link.role): link for link in live.world.network().links_of("spoke-a")}
    assert {link.reason for (name, _), link in links.items() if name != "Tunnel4095"} == {"the pre-shared keys differ"}
    assert live.world.network().management_reason("spoke-a", "tcp", 22) is None
    assert live.world.routers["spoke-a"].changed_by == "console"
    assert live.world.routers["spoke-a"].running != before
    with pytest.raises(LabError, match="broken already"):
        live.world.damage("spoke-a", "key")
    live.world.mend("spoke-a")
    assert live.world.routers["spoke-a"].running == before
    live.wait(5)
    assert all(live.world.network().is_up(link) for link in live.world.network().links_of("spoke-a"))


def test_who_brings_the_right_key_back_has_mended_it(live: Live) -> None:
    right = live.world.routers["spoke-a"].running.render()
    live.world.damage("spoke-a", "key")
    live.run("spoke-a", right)
    assert live.world.faults("spoke-a") == ()


def test_a_boot_ends_the_faults_of_the_box_and_not_those_of_the_line(live: Live) -> None:
    router = live.world.routers["spoke-a"]
    router.save("test")
    for what, value in (("ssh", None), ("cpu", 90.0), ("key", None), ("delay", 50.0)):
        live.world.damage("spoke-a", what, value)
    router.reload(seconds=0)
    assert [str(fault) for fault in live.world.faults("spoke-a")] == ["delay 50 ms"]


def test_a_router_without_power_takes_no_fault_of_the_box(live: Live) -> None:
    live.world.routers["spoke-a"].power_off()
    for what, value in (("ssh", None), ("cpu", 90.0), ("key", None)):
        with pytest.raises(LabError, match="needs a router that runs"):
            live.world.damage("spoke-a", what, value)


def test_the_list_of_faults_outlives_the_process_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    fault = Fault(Break.KEY, 12.0, None, "CORP", 1, ("a", "b"), ("c", "d"))
    Breakage(path).add("spoke-a", fault)
    assert Breakage(path).of("spoke-a") == (fault,)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "undo" not in repr(fault), "it holds the key"
    for nonsense in ("", "[]", '{"a": 3}', '{"a": [{}]}', '{"a": [{"kind": "x", "undo": [], "done": []}]}'):
        path.write_text(nonsense)
        with pytest.raises(LabStateError, match=r"faults\.json"):
            Breakage(path)


def test_loss_is_what_was_asked_for_in_each_direction() -> None:
    conditions, draws = Conditions(loss=10), Draws()
    back = sum(conditions.round_trip(draws) for _ in range(5000))
    assert 0.79 < back / 5000 < 0.83, "nine of ten go, nine of ten come"
    assert not any(Conditions(loss=100).round_trip(draws) for _ in range(50))


def test_tunnels_outlive_little_loss_and_not_much(live: Live) -> None:
    assert sum(Conditions(loss=10).silence("r1", period) for period in range(10_000)) <= 3
    assert sum(Conditions(loss=50).silence("r1", period) for period in range(1000)) > 100
    live.world.damage("spoke-a", "loss", 100)
    live.wait(31)
    assert not any(live.world.network().is_up(link) for link in live.world.network().links_of("spoke-a"))
    assert all(live.world.network().is_up(link) for link in live.world.network().links_of("spoke-b"))
    live.world.mend("spoke-a")
    live.wait(10)
    assert all(live.world.network().is_up(link) for link in live.world.network().links_of("spoke-a"))


def test_the_averages_of_the_load_follow_slowly() -> None:
    load = Load(5, 0, 5, 5).moved(95, 100)
    five, minute, minutes = load.averages(160)
    assert five > 94
    assert 60 < minute < 65
    assert 20 < minutes < 25
    assert load.averages(5000) == pytest.approx((95, 95, 95), abs=0.1)
    assert load.moved(5, 5000).averages(5060)[1] < 40
