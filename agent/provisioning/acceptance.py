"""The standard tests after commissioning; when they pass, the operational service date is set, once [WV-20]."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from pydantic import AwareDatetime

from agent.errors import AuthenticationRefused, DeviceError, HostKeyRefused, WrongDevice
from agent.events import Event, Result
from agent.provisioning.outcome import LinkCheck, shown
from agent.provisioning.plan import Model, delivery_reason, link
from agent.provisioning.planner import audited
from agent.provisioning.ports import Device, PingResult, Ports, Runtime
from device_templates import platform_of, vpn_ref
from device_templates.shows import ClockSync, InterfaceState
from inventory import Inventory, SiteView


class Grade(StrEnum):
    """How one test ended; a defect does not materially affect the service."""

    PASSED = "passed"
    DEFECT = "defect"
    FAILED = "failed"


class Verdict(StrEnum):
    """How acceptance ended."""

    PASSED = "passed"
    PASSED_WITH_DEFECTS = "passed with defects"
    FAILED = "failed"


class StandardTest(Model):
    """One standard test, and what was seen."""

    name: str
    grade: Grade
    evidence: str


class Report(Model):
    """One acceptance of a site; ``in_service_since`` is its operational service date, None before it has one."""

    site: str
    router: str
    reason: str
    at: AwareDatetime
    by: str
    verdict: Verdict
    tests: tuple[StandardTest, ...]
    in_service_since: AwareDatetime | None = None


class Acceptances(Protocol):
    """Recorded acceptances."""

    def record(self, report: Report) -> datetime | None:
        """Keep a report; the first that passed sets the operational service date. Returns that date, or None."""


@dataclass(frozen=True)
class Probes:
    """What is asked from the management centre: a ping of the managed router, and its SNMP agent.

    ``snmp`` returns why the agent does not answer; empty: it does.
    """

    ping: Callable[[SiteView], PingResult]
    snmp: Callable[[SiteView], str]


class Acceptance:
    """Runs the standard tests; what has not passed is tried again for ``wait_s`` seconds, because networks settle."""

    def __init__(
        self,
        ports: Ports,
        runtime: Runtime,
        probes: Probes,
        links: LinkCheck,
        acceptances: Acceptances,
        wait_s: int = 60,
    ) -> None:
        self._ports = ports
        self._runtime = runtime
        self._probes = probes
        self._links = links
        self._acceptances = acceptances
        self._wait_s = wait_s

    def accept(self, inventory: Inventory, site: str, *, who: str, reference: str = "") -> Report:
        """Test a site and record the report. Raises Refused where its delivery is held; a failed test is no error."""
        with audited(self._ports, self._runtime, who, "accept", site, success=False) as tell:
            view = inventory.site(site)
            reason = delivery_reason(view, reference)
            tell(reason)
            tests = self._repeated(inventory, view)
        report = Report(
            site=view.key,
            router=view.router.name,
            reason=reason,
            at=self._runtime.clock(),
            by=who,
            verdict=verdict_of(tests),
            tests=tests,
        )
        report = report.model_copy(update={"in_service_since": self._acceptances.record(report)})
        result = Result.FAILED if report.verdict is Verdict.FAILED else Result.DONE
        text = "; ".join((report.verdict, *(f"{test.name}: {test.evidence}" for test in tests if not_passed(test))))
        self._ports.events.record(Event(report.at, who, "accept", view.key, reason, result, text))
        return report

    def _repeated(self, inventory: Inventory, view: SiteView) -> tuple[StandardTest, ...]:
        last = self._runtime.clock() + timedelta(seconds=self._wait_s)
        while True:
            tests = tuple(self._tests(inventory, view))
            if not any(map(not_passed, tests)) or self._runtime.clock() >= last:
                return tests
            self._runtime.progress("; ".join(test.name for test in tests if not_passed(test)) + ": trying again")
            self._runtime.sleep(5)

    def _tests(self, inventory: Inventory, view: SiteView) -> Iterator[StandardTest]:
        yield self._ping_from_centre(view)
        yield self._snmp(view)
        try:
            with self._ports.devices.open(view) as device:
                yield StandardTest(
                    name="management session", grade=Grade.PASSED, evidence="name and serial number as enrolled"
                )
                yield from self._on_router(inventory, view, device)
        except (AuthenticationRefused, HostKeyRefused, WrongDevice):
            raise  # no waiting heals it, and what answers is not the router to be tested
        except DeviceError as error:
            yield StandardTest(name="management session", grade=Grade.FAILED, evidence=str(error))

    def _on_router(self, inventory: Inventory, view: SiteView, device: Device) -> Iterator[StandardTest]:
        shows, show = platform_of(view).shows, shown(device)
        yield from self._hubs(inventory, view, device)
        yield from lan_tests(view, shows.interfaces(show).value)
        yield from self._configuration(inventory, view, device)
        yield clock_test(shows.ntp(show).value)

    def _ping_from_centre(self, view: SiteView) -> StandardTest:
        self._probes.ping(view)  # the first packets may be lost while tunnels and addresses resolve
        return ping_test("ping of the managed router", self._probes.ping(view), Grade.FAILED)

    def _snmp(self, view: SiteView) -> StandardTest:
        fault = self._probes.snmp(view)
        grade = Grade.FAILED if view.site.options.proactive_monitoring else Grade.DEFECT
        return StandardTest(name="SNMP", grade=grade if fault else Grade.PASSED, evidence=fault or "the agent answers")

    def _hubs(self, inventory: Inventory, view: SiteView, device: Device) -> Iterator[StandardTest]:
        states = self._links.states(device, view)
        for vpn in view.vpns:
            vrf = platform_of(view).vrf_of(vpn_ref(view, vpn))
            for hub in inventory.hubs(view, vpn):
                address = str(hub.site.tunnels[vpn])
                state = states[link(vpn, address)]
                place = f"{vpn}, hub {hub.name}"
                evidence = f"tunnel {state.tunnel or 'missing'}, BGP {state.routing or 'missing'}"
                yield StandardTest(
                    name=f"tunnel and BGP, {place}", grade=Grade.PASSED if state.up else Grade.FAILED, evidence=evidence
                )
                yield self._ping(device, f"ping through the tunnel, {place}", address, vrf, Grade.FAILED)
                for lan in hub.site.lans.get(vpn, ())[:1]:
                    yield self._ping(device, f"ping of the LAN, {place}", str(lan.address.ip), vrf, Grade.DEFECT)

    def _ping(self, device: Device, name: str, address: str, vrf: str, otherwise: Grade) -> StandardTest:
        device.ping(address, vrf=vrf, count=2)
        return ping_test(name, device.ping(address, vrf=vrf), otherwise)

    def _configuration(self, inventory: Inventory, view: SiteView, device: Device) -> Iterator[StandardTest]:
        texts = self._ports.texts(view)
        running, intended = device.running_config(), texts.intended(inventory, view)
        differing = sum(len(change.lines) for change in texts.changes(intended, running))
        yield StandardTest(
            name="running is what is intended",
            grade=Grade.FAILED if differing else Grade.PASSED,
            evidence=f"{differing} lines differ" if differing else "equal under the masks",
        )
        saved = texts.as_saved(device.startup_config()) == texts.as_saved(running)
        yield StandardTest(
            name="configuration saved",
            grade=Grade.PASSED if saved else Grade.FAILED,
            evidence="startup equals running" if saved else "a reload would lose the running configuration",
        )


def verdict_of(tests: tuple[StandardTest, ...]) -> Verdict:
    """Failed if one test failed; defects alone do not delay the service date [WV-20]."""
    grades = {test.grade for test in tests}
    if Grade.FAILED in grades:
        return Verdict.FAILED
    return Verdict.PASSED_WITH_DEFECTS if Grade.DEFECT in grades else Verdict.PASSED


def not_passed(test: StandardTest) -> bool:
    """Whether a test found something."""
    return test.grade is not Grade.PASSED


def ping_test(name: str, result: PingResult, otherwise: Grade) -> StandardTest:
    """``otherwise`` is the grade where nothing comes back; some loss is a defect."""
    evidence = f"{result.received} of {result.sent} came back"
    if result.average_ms is not None:
        evidence += f", {result.average_ms:g} ms on average"
    whole = result.received >= result.sent > 0
    grade = Grade.PASSED if whole else Grade.DEFECT if result.received else otherwise
    return StandardTest(name=name, grade=grade, evidence=evidence)


def lan_tests(view: SiteView, seen: Mapping[str, InterfaceState]) -> Iterator[StandardTest]:
    """The LAN interfaces of a site. One that is down is a defect: the customer may have plugged nothing in yet."""
    missing = InterfaceState(enabled=False, up=False, words="missing")
    for vpn in view.vpns:
        for lan in view.site.lans.get(vpn, ()):
            name = platform_of(view).lan_of(lan.vlan)
            state = seen.get(name, missing)
            yield StandardTest(
                name=f"LAN of {vpn}, {name}", grade=Grade.PASSED if state.up else Grade.DEFECT, evidence=state.words
            )


def clock_test(clock: ClockSync) -> StandardTest:
    """Whether the router's clock follows a time server."""
    grade = Grade.PASSED if clock.synchronised else Grade.DEFECT
    return StandardTest(name="NTP", grade=grade, evidence=clock.words)
