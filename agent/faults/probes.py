"""The probes of one router: what is asked in one session; every answer, refusal and silence becomes evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from agent.errors import (
    AgentError,
    AuthenticationRefused,
    CommandRejected,
    DeviceError,
    HostKeyRefused,
    IncompleteOutput,
    WrongDevice,
)
from agent.events import Clock
from agent.faults import readings
from agent.faults.case import Case, Link
from agent.faults.evidence import Evidence, Fact, Finding, Probe
from agent.faults.ports import Instruments, Reader
from agent.provisioning.ports import PingResult
from inventory import SiteView

#: A router that booted this long before the first failed poll, or later, may have failed because of it.
BOOT_SLACK = timedelta(minutes=10)
#: Echoes of one ping from a router.
ECHOES = 5

#: Answers that are a refusal or a failure of one probe, and do not end the session.
ONE_PROBE = (CommandRejected, IncompleteOutput)
#: Something answers, but we are not let in or it is not the router: that is not silence.
NOT_LET_IN = (AuthenticationRefused, HostKeyRefused, WrongDevice)

#: Finding, text and facts of a probe.
Found = tuple[Finding, str, Mapping[str, Fact]]


class RouterProbes:
    """Asks one router, which is the subject itself or at the far end of its tunnels."""

    def __init__(self, case: Case, view: SiteView, tools: Instruments, clock: Clock) -> None:
        self._case, self._view, self._tools, self._clock = case, view, tools, clock
        self._own = view.router.name == case.subject.router.name
        self._texts: dict[str, str] = {}

    def run(self, links: tuple[Link, ...]) -> Iterator[Evidence]:
        """Evidence as it comes. A device that does not answer, or no longer, is evidence too; nothing is raised."""
        began, opened = self._clock(), False
        try:
            with self._tools.open(self._view) as device:
                opened = True
                yield self._evidence(Probe.SESSION, began, (Finding.GOOD, "a session was opened", {}))
                yield from self._inside(device, links)
        except DeviceError as error:
            finding, words = (Finding.NOT_REACHED, "lost") if opened else (Finding.BAD, "not reached")
            if isinstance(error, NOT_LET_IN):
                finding, words = Finding.REFUSED, "refused"
            yield self._evidence(Probe.SESSION, began, (finding, f"{words}: {self._tools.redact(str(error))}", {}))
        except AgentError as error:  # a secret that cannot be read here says nothing of the router
            text = f"no session could be opened: {self._tools.redact(str(error))}"
            yield self._evidence(Probe.SESSION, began, (Finding.NOT_KNOWN, text, {}))

    def _inside(self, device: Reader, links: tuple[Link, ...]) -> Iterator[Evidence]:
        if self._own:
            yield self._probe(Probe.UPTIME, lambda: self._uptime(device))
        for link in links:
            yield from self._over(device, link)

    def _over(self, device: Reader, link: Link) -> Iterator[Evidence]:
        """Both tables and sessions of one tunnel; from the far end also pings."""
        peer = link.far_address if self._own else link.subject_address
        yield self._probe(Probe.DMVPN, lambda: self._tunnel(device, link.vpn, peer), link.vpn)
        yield self._probe(Probe.NHRP, lambda: self._nhrp(device, peer), link.vpn)
        yield self._probe(Probe.BGP, lambda: self._bgp(device, peer), link.vpn)
        remote = self._remote(link, peer)
        yield self._probe(Probe.IKE, lambda: self._ike(device, remote), link.vpn)
        if not self._own:
            yield self._probe(Probe.PING_WAN, lambda: self._ping_wan(device, remote), link.vpn)
            yield self._probe(Probe.PING_TUNNEL, lambda: self._ping_tunnel(device, link, peer), link.vpn)

    def _probe(self, probe: Probe, ask: Callable[[], Found], item: str = "") -> Evidence:
        """Ask at once; what this probe alone cannot do is its finding."""
        at = self._clock()
        try:
            return self._evidence(probe, at, ask(), item)
        except ONE_PROBE as error:
            return self._evidence(probe, at, (Finding.UNREADABLE, self._tools.redact(str(error)), {}), item)

    def _evidence(self, probe: Probe, at: datetime, found: Found, item: str = "") -> Evidence:
        finding, text, facts = found
        target = self._case.subject.router.name
        return Evidence(probe, self._view.router.name, target, at, finding, text, item, facts)

    def _show(self, device: Reader, command: str) -> str:
        """The output of a command, asked for once a session, without secrets."""
        if command not in self._texts:
            self._texts[command] = self._tools.redact(device.show(command))
        return self._texts[command]

    def _uptime(self, device: Reader) -> Found:
        """How long the router has been up, and whether it booted around the first failed poll."""
        seconds = device.facts().uptime_s
        booted = self._clock() - timedelta(seconds=seconds)
        rebooted = booted >= self._case.first_failed_at - BOOT_SLACK
        text = f"up since {booted:%Y-%m-%d %H:%M:%S}Z ({seconds} s)"
        return Finding.GOOD, text, {"uptime_s": seconds, "rebooted": rebooted}

    def _tunnel(self, device: Reader, vpn: str, peer: str) -> Found:
        """The tunnel to ``peer``; on a hub also how many of its other permanent tunnels are up."""
        text = self._show(device, "show dmvpn")
        rows = {row.tunnel: row for row in readings.tunnels(text)}
        row = rows.get(peer)
        others = self._case.other_peers(self._view, vpn)
        facts: dict[str, Fact] = {"state": row.state if row else None, "since": row.since if row else None}
        facts["other_peers"] = len(others)
        facts["other_peers_up"] = sum(1 for one in others if one in rows and rows[one].up)
        state = f"{row.state} since {row.since}" if row else "no such peer"
        return (Finding.GOOD if row is not None and row.up else Finding.BAD), f"{peer}: {state}\n{text}", facts

    def _nhrp(self, device: Reader, peer: str) -> Found:
        text = self._show(device, "show ip nhrp")
        address = readings.nhrp(text).get(peer)
        words = f"{peer} is at {address}" if address else f"{peer} is not known"
        return (Finding.GOOD if address else Finding.BAD), f"{words}\n{text}", {"nbma": address}

    def _bgp(self, device: Reader, peer: str) -> Found:
        text = self._show(device, "show bgp vpnv4 unicast all summary")
        row = readings.neighbors(text).get(peer)
        state = row.state if row else "no such neighbour"
        facts: dict[str, Fact] = {"state": state, "prefixes": row.prefixes if row else None}
        good = row is not None and row.prefixes is not None
        return (Finding.GOOD if good else Finding.BAD), f"{peer}: {state}\n{text}", facts

    def _ike(self, device: Reader, remote: str | None) -> Found:
        if remote is None:
            return Finding.NOT_KNOWN, "the WAN address at the other end is not known", {}
        text = self._show(device, "show crypto ikev2 sa")
        state = readings.ike(text).get(remote)
        words = state or "no security association"
        return (Finding.GOOD if state == "READY" else Finding.BAD), f"{remote}: {words}\n{text}", {"state": state}

    def _remote(self, link: Link, peer: str) -> str | None:
        """The WAN address at the other end: from the inventory, else as this router learned it."""
        far = next(end.view for end in self._case.far_ends() if link in end.links) if self._own else self._case.subject
        known = self._case.wan_address(far)
        if known is not None:
            return known
        row = next((one for one in readings.tunnels(self._texts.get("show dmvpn", "")) if one.tunnel == peer), None)
        return (row.nbma if row else None) or readings.nhrp(self._texts.get("show ip nhrp", "")).get(peer)

    def _ping_wan(self, device: Reader, address: str | None) -> Found:
        if address is None:
            return Finding.NOT_KNOWN, "the router's WAN address is dynamic, and the hub has lost it", {"lost": True}
        return ping_found(address, device.ping(address, count=ECHOES))

    def _ping_tunnel(self, device: Reader, link: Link, peer: str) -> Found:
        vrf = self._tools.vrf_of(link.vpn)
        return ping_found(peer, device.ping(peer, vrf=vrf, source=link.tunnel, count=ECHOES))


def ping_found(address: str, result: PingResult) -> Found:
    """A ping as a finding; any answer is good."""
    took = f", {result.average_ms:.1f} ms on average" if result.average_ms is not None else ""
    facts: dict[str, Fact] = {"sent": result.sent, "received": result.received, "average_ms": result.average_ms}
    text = f"ping {address}: {result.received} of {result.sent} answered{took}"
    return (Finding.GOOD if result.received else Finding.BAD), text, facts
