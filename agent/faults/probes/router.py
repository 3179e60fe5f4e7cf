"""The probes of one router: what is asked in one session; every answer, refusal and silence becomes evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

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
from agent.faults.case import Case, Link
from agent.faults.evidence import Evidence, Fact, Finding, Probe, kept
from agent.faults.ports import Instruments, Reader
from agent.faults.probes import commands
from agent.faults.probes.commands import Asked, Found
from device_templates import platform_of, vpn_ref
from inventory import SiteView

#: A router that booted this long before the first failed poll, or later, may have failed because of it.
BOOT_SLACK = timedelta(minutes=10)
#: Echoes of one ping from a router; where loss or delay is looked for, of one to its WAN address.
ECHOES, MANY_ECHOES = 5, 50

#: Answers that are a refusal or a failure of one probe, and do not end the session; also one that cannot be read.
ONE_PROBE = (CommandRejected, IncompleteOutput, ValueError, OverflowError)
#: Something answers, but we are not let in or it is not the router: that is not silence.
NOT_LET_IN = (AuthenticationRefused, HostKeyRefused, WrongDevice)


class RouterProbes:
    """Asks one router, which is the subject itself or at the far end of its tunnels."""

    def __init__(self, case: Case, view: SiteView, tools: Instruments, clock: Clock) -> None:
        self._case, self._view, self._tools, self._clock = case, view, tools, clock
        self._own = view.router.name == case.subject.router.name
        self._platform = platform_of(view)
        self._texts: dict[str, str] = {}
        self._oldest: datetime | None = None
        self._no_ike = self._ike_in_doubt = False
        self._pinged: dict[str, Found] = {}

    def run(self, links: tuple[Link, ...]) -> Iterator[Evidence]:
        """Evidence as it comes. A device that does not answer, or no longer, is evidence too; nothing is raised."""
        began, opened = self._clock(), False
        open_ = self._tools.open if self._own else self._tools.open_shared
        try:
            with open_(self._view) as device:
                opened = True
                yield self._evidence(Probe.SESSION, began, (Finding.GOOD, "a session was opened", {}))
                yield from self._inside(device, links)
        except DeviceError as error:
            finding, words = (Finding.NOT_REACHED, "lost") if opened else (Finding.BAD, "not reached")
            if isinstance(error, NOT_LET_IN):
                finding, words = Finding.REFUSED, "refused"
            yield self._evidence(
                Probe.SESSION, began, (finding, f"{words}: {self._tools.redact(self._view, str(error))}", {})
            )
        except AgentError as error:  # a secret that cannot be read here says nothing of the router
            text = f"no session could be opened: {self._tools.redact(self._view, str(error))}"
            yield self._evidence(Probe.SESSION, began, (Finding.NOT_KNOWN, text, {}))

    def _inside(self, device: Reader, links: tuple[Link, ...]) -> Iterator[Evidence]:
        asked = self._asked(device)
        if self._own:
            threshold = self._case.inventory.settings.thresholds.cpu_percent
            yield self._probe(Probe.UPTIME, lambda: self._uptime(device))
            yield self._probe(Probe.PROCESSOR, lambda: commands.processor(asked, threshold))
        if any(self._case.by_certificate(link.vpn) for link in links):
            yield self._probe(Probe.CERTIFICATES, lambda: self._certificates(asked, links))
        for link in links:
            yield from self._over(device, link)
        if self._ike_in_doubt:
            yield from self._keys(device, links)
        if self._own:
            yield self._probe(Probe.LOG, lambda: commands.log(asked))
            yield from self._errors(device)

    def _asked(self, device: Reader) -> Asked:
        return Asked(self._platform.shows, lambda command: self._show(device, command))

    def _certificates(self, asked: Asked, links: tuple[Link, ...]) -> Found:
        authorities = frozenset(self._case.key(link.vpn) for link in links if self._case.by_certificate(link.vpn))
        return commands.certificates(asked, self._view.router.name, authorities, self._clock())

    def _keys(self, device: Reader, links: tuple[Link, ...]) -> Iterator[Evidence]:
        """Whether the keys that should prove who this router is are those that run."""
        for link in links:
            if not self._case.by_certificate(link.vpn):
                intended = self._tools.intended_key(self._view, link.vpn)
                yield self._over_link(Probe.KEYS, link, partial(commands.keys, self._asked(device), intended))

    def _errors(self, device: Reader) -> Iterator[Evidence]:
        """Last, because it waits for a counter to grow where a tunnel has no IKE."""
        asked = self._asked(device)

        def again(command: str) -> str:
            return self._read(device, command)

        yield self._probe(Probe.IKE_ERRORS, lambda: commands.ike_requests(asked), "requests")
        yield self._probe(
            Probe.IKE_ERRORS, lambda: commands.ike_errors(asked, again, self._tools.pause, patient=self._no_ike)
        )

    def _over(self, device: Reader, link: Link) -> Iterator[Evidence]:
        """Tables and sessions of one tunnel; from the far end also pings."""
        asked, vpn = self._asked(device), vpn_ref(self._view, link.vpn)
        peer = link.far_address if self._own else link.subject_address
        others = self._case.other_peers(self._view, link.vpn)
        yield self._over_link(Probe.DMVPN, link, lambda: commands.tunnel(asked, vpn, peer, others))
        yield self._over_link(Probe.NHRP, link, lambda: commands.nhrp(asked, vpn, peer))
        if not self._view.is_hub(link.vpn):
            yield self._over_link(Probe.REGISTRATION, link, lambda: commands.registration(asked, vpn, peer))
        yield self._over_link(Probe.BGP, link, lambda: commands.bgp(asked, vpn, peer))
        remote = self._remote(link, peer)
        ike = self._over_link(Probe.IKE, link, lambda: commands.ike(asked, remote))
        self._no_ike = self._no_ike or ike.finding is Finding.BAD
        self._ike_in_doubt = self._ike_in_doubt or ike.finding is not Finding.GOOD
        yield ike
        yield self._over_link(Probe.IPSEC, link, lambda: commands.ipsec(asked, remote))
        if not self._own:
            yield self._over_link(Probe.PING_WAN, link, lambda: self._ping_wan(device, remote))
            yield self._over_link(Probe.PING_TUNNEL, link, lambda: self._ping_tunnel(device, link, peer))

    def _over_link(self, probe: Probe, link: Link, ask: Callable[[], Found]) -> Evidence:
        return self._probe(probe, ask, link.vpn, {"far": link.far})

    def _probe(
        self, probe: Probe, ask: Callable[[], Found], item: str = "", known: dict[str, Fact] | None = None
    ) -> Evidence:
        """Ask at once; what this probe alone cannot do is its finding."""
        at, self._oldest = self._clock(), None
        try:
            finding, text, facts = ask()
        except ONE_PROBE as error:
            finding, text, facts = Finding.UNREADABLE, self._tools.redact(self._view, str(error)), {}
        read_at = at if self._oldest is None else min(at, self._oldest)
        return self._evidence(probe, read_at, (finding, text, {**facts, **(known or {})}), item)

    def _evidence(self, probe: Probe, at: datetime, found: Found, item: str = "") -> Evidence:
        finding, text, facts = found
        target = self._case.subject.router.name
        return Evidence(probe, self._view.router.name, target, at, finding, kept(text), item, facts)

    def _show(self, device: Reader, command: str) -> str:
        """The output of a command without secrets: asked for once a session; of a far end it may be seconds old."""
        if self._own:
            if command not in self._texts:
                self._texts[command] = self._read(device, command)
            return self._texts[command]
        name = self._view.router.name
        since = self._case.first_failed_at
        seen = self._tools.readouts.get(name, command, since, lambda: self._read(device, command))
        self._oldest = seen.at if self._oldest is None else min(seen.at, self._oldest)
        self._texts[command] = seen.text
        return seen.text

    def _read(self, device: Reader, command: str) -> str:
        return self._tools.redact(self._view, device.show(command))

    def _uptime(self, device: Reader) -> Found:
        """How long the router has been up, and whether it booted around the first failed poll."""
        seconds = device.facts().uptime_s
        booted = self._clock() - timedelta(seconds=seconds)
        rebooted = booted >= self._case.first_failed_at - BOOT_SLACK
        text = f"up since {booted:%Y-%m-%d %H:%M:%S}Z ({seconds} s)"
        return Finding.GOOD, text, {"uptime_s": seconds, "rebooted": rebooted}

    def _remote(self, link: Link, peer: str) -> str | None:
        """The WAN address at the other end: from the inventory, else as this router learned it."""
        far = next(end.view for end in self._case.far_ends() if link in end.links) if self._own else self._case.subject
        known = self._case.wan_address(far)
        if known is not None:
            return known
        vpn = vpn_ref(self._view, link.vpn)
        rows = self._platform.shows.tunnels(self._seen, vpn).value
        row = next((one for one in rows if one.tunnel == peer), None)
        return (row.nbma if row else None) or self._platform.shows.nhrp(self._seen, vpn).value.get(peer)

    def _seen(self, command: str) -> str:
        """What the router showed when it was asked before; nothing where it was not, or refused."""
        return self._texts.get(command, "")

    def _ping_wan(self, device: Reader, address: str | None) -> Found:
        if address is None:
            return Finding.NOT_KNOWN, "the router's WAN address is dynamic, and the hub has lost it", {"lost": True}
        if address not in self._pinged:  # several VPNs, one address
            count = MANY_ECHOES if self._case.impaired else ECHOES
            result = device.ping(address, count=count)
            if 0 < result.received < result.sent < MANY_ECHOES:
                result = device.ping(address, count=MANY_ECHOES)
            self._pinged[address] = commands.ping(address, result)
        return self._pinged[address]

    def _ping_tunnel(self, device: Reader, link: Link, peer: str) -> Found:
        vpn = vpn_ref(self._view, link.vpn)
        vrf, source = self._platform.vrf_of(vpn), self._platform.tunnel_of(vpn)
        return commands.ping(peer, device.ping(peer, vrf=vrf, source=source, count=ECHOES))
