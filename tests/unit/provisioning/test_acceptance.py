"""The standard tests, their verdict, and the operational service date [WV-20]."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from agent.errors import HostKeyRefused
from agent.events import Result
from agent.provisioning.acceptance import Acceptance, Grade, Probes, Report, Verdict, clock_test, lan_tests
from agent.provisioning.outcome import LinkCheck
from agent.provisioning.ports import PingResult
from agent.store.acceptance import AcceptanceStore
from device_templates.cisco_iosxe.shows import SHOWS
from inventory import Inventory, SiteView
from tests.unit.provisioning.bench import SPOKE, Bench
from tests.unit.provisioning.fakes import FakeDevice, FakeDevices
from tests.unit.provisioning.test_outcome import BGP, DMVPN

BRIEF = """\
Interface              IP-Address      OK? Method Status                Protocol
GigabitEthernet0/0/0   198.18.0.2      YES DHCP   up                    up
GigabitEthernet0/1/0   unassigned      YES unset  up                    up
Vlan10                 10.10.2.1       YES NVRAM  up                    up
Vlan20                 10.20.2.1       YES NVRAM  administratively down down
"""
ALL_UP = {
    "show dmvpn": DMVPN.replace("  IKE    never", "   UP 00:12:43"),
    "show bgp vpnv4 unicast all summary": BGP.replace("00:00:11 Active", "00:00:11        2"),
    "show ip interface brief": BRIEF.replace("administratively down down", "up                    up"),
    "show ntp status": "Clock is synchronized, stratum 3, reference is 10.253.0.20\n",
}


class Site:
    """The Leeds site as seen by acceptance."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench = bench
        self.shows = dict(ALL_UP)
        self.centre = PingResult(5, 5, 3.0)
        self.snmp = ""
        self.store = AcceptanceStore(bench.engine)
        monkeypatch.setattr(FakeDevice, "show", lambda _device, command: self.shows[command])

    def accept(self) -> Report:
        with self.bench.process() as process:
            probes = Probes(ping=lambda _view: self.centre, snmp=lambda _view: self.snmp)
            links = LinkCheck()
            acceptance = Acceptance(process.ports, process.runtime, probes, links, self.store, wait_s=20)
            return acceptance.accept(self.bench.inventory, "leeds", who="eve")


@pytest.fixture
def site(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(bench, monkeypatch)


def grades(report: Report) -> dict[str, Grade]:
    return {test.name: test.grade for test in report.tests if test.grade is not Grade.PASSED}


def test_everything_passes_and_the_service_date_is_set_once(site: Site) -> None:
    first = site.accept()
    assert (first.verdict, grades(first)) == (Verdict.PASSED, {})
    assert first.in_service_since == first.at
    site.bench.world.sleep(1000)
    again = site.accept()
    assert again.at > first.at
    assert again.in_service_since == first.at
    accepted = site.store.accepted("acme/leeds")
    assert accepted is not None
    assert accepted.at == first.at
    assert len(site.store.reports("acme/leeds")) == 2


def test_defects_are_listed_and_do_not_delay_the_service_date(site: Site) -> None:
    site.shows["show ip interface brief"] = BRIEF
    site.shows["show ntp status"] = "Clock is unsynchronized, stratum 16\n"
    report = site.accept()
    assert report.verdict is Verdict.PASSED_WITH_DEFECTS
    assert grades(report) == {"LAN of cctv, Vlan20": Grade.DEFECT, "NTP": Grade.DEFECT}
    assert report.in_service_since == report.at


@pytest.mark.parametrize(
    ("what", "failing"),
    [
        ("centre", "ping of the managed router"),
        ("snmp", "SNMP"),
        ("bgp", "tunnel and BGP, cctv, hub london"),
        ("running", "running is what is intended"),
        ("startup", "configuration saved"),
        ("management", "management session"),
    ],
)
def test_a_failure_sets_no_service_date(site: Site, what: str, failing: str) -> None:
    if what == "centre":
        site.centre = PingResult(5, 0)
    elif what == "snmp":
        site.snmp = "no answer"
    elif what == "bgp":
        site.shows["show bgp vpnv4 unicast all summary"] = BGP
    else:
        with site.bench.world.router(SPOKE) as router:
            changes: dict[str, Any] = {
                "running": ("running", router["running"] + "somebody's line\n"),
                "startup": ("startup", "hostname x\n"),
                "management": ("powered", False),
            }
            key, value = changes[what]
            router[key] = value
    report = site.accept()
    assert report.verdict is Verdict.FAILED
    assert grades(report)[failing] is Grade.FAILED
    assert report.in_service_since is None
    assert site.store.accepted("acme/leeds") is None
    assert site.bench.events.events[-1].result is Result.FAILED


def test_what_settles_late_still_passes(site: Site) -> None:
    site.snmp = "no answer yet"

    def settle() -> None:
        site.snmp = ""

    site.bench.world.while_asleep = settle
    assert site.accept().verdict is Verdict.PASSED


def test_some_loss_is_a_defect(site: Site) -> None:
    site.centre = PingResult(5, 4, 3.0)
    assert grades(site.accept()) == {"ping of the managed router": Grade.DEFECT}


@pytest.mark.parametrize("text", ["", "% Invalid", "\x00\x00", "Vlan10"])
def test_half_an_answer_is_a_defect_and_no_error(inventory: Inventory, text: str) -> None:
    seen = SHOWS.interfaces(lambda _: text).value
    assert {test.grade for test in lan_tests(inventory.site("leeds"), seen)} == {Grade.DEFECT}
    assert clock_test(SHOWS.ntp(lambda _: text).value).grade is Grade.DEFECT


def test_another_router_than_the_enrolled_one_is_told_at_once_and_not_waited_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def changed(_devices: object, view: SiteView) -> NoReturn:
        tries.append(view.key)
        raise HostKeyRefused("the host key is not the enrolled one", where=view.router.name)

    monkeypatch.setattr(FakeDevices, "open", changed)
    with pytest.raises(HostKeyRefused):
        site.accept()
    assert tries == ["acme/leeds"]
    assert site.store.accepted("acme/leeds") is None
