"""One topic's answer as a finding: what is good or bad in it, in words for people and facts for the conclusion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.faults.evidence import Fact, Finding
from agent.provisioning.ports import PingResult
from device_templates.shows import IkeState, Show, Shows, VpnRef

#: Finding, text and facts of a probe.
Found = tuple[Finding, str, Mapping[str, Fact]]

#: How often, and every how many seconds, IKE's error counters are read again until one grows.
LOOKS, LOOK_EVERY_S = 6, 5.0
#: Below its threshold by this much, in percent, a processor is not loaded; in between nothing is said.
CALM_BELOW = 15


@dataclass(frozen=True, slots=True)
class Asked:
    """A router: what its platform shows and how; ``show`` gives a command's output without secrets."""

    shows: Shows
    show: Show


def tunnel(asked: Asked, vpn: VpnRef, peer: str, others: tuple[str, ...]) -> Found:
    """The tunnel to ``peer``, and how many of ``others`` are up at the same router."""
    seen = asked.shows.tunnels(asked.show, vpn)
    rows = {row.tunnel: row for row in seen.value}
    row = rows.get(peer)
    facts: dict[str, Fact] = {"state": row.state.value if row else None, "since": row.since if row else None}
    facts["other_peers"] = len(others)
    facts["other_peers_up"] = sum(1 for one in others if one in rows and rows[one].up)
    state = f"{row.state}{' since ' + row.since if row.since else ''}" if row else "no such peer"
    return (Finding.GOOD if row is not None and row.up else Finding.BAD), f"{peer}: {state}\n{seen.text}", facts


def nhrp(asked: Asked, vpn: VpnRef, peer: str) -> Found:
    """Where NHRP has the peer."""
    seen = asked.shows.nhrp(asked.show, vpn)
    address = seen.value.get(peer)
    words = f"{peer} is at {address}" if address else f"{peer} is not known"
    return (Finding.GOOD if address else Finding.BAD), f"{words}\n{seen.text}", {"nbma": address}


def registration(asked: Asked, vpn: VpnRef, peer: str) -> Found:
    """Whether a hub answers this router's registrations."""
    seen = asked.shows.servers(asked.show, vpn)
    server = seen.value.get(peer)
    if server is None:
        return Finding.NOT_KNOWN, f"{peer} is no next-hop server here\n{seen.text}", {}
    counted = server.sent is not None and server.answered is not None
    words = f"{server.sent} registrations sent, {server.answered} answered; " if counted else ""
    state = "responds" if server.responds else "does not respond"
    facts: dict[str, Fact] = {"sent": server.sent, "answered": server.answered}
    return (Finding.GOOD if server.responds else Finding.BAD), f"{peer}: {words}it {state}\n{seen.text}", facts


def bgp(asked: Asked, vpn: VpnRef, peer: str) -> Found:
    """The BGP session with the peer."""
    seen = asked.shows.neighbors(asked.show, vpn)
    row = seen.value.get(peer)
    state = row.state if row else "no such neighbour"
    facts: dict[str, Fact] = {"state": state, "prefixes": row.prefixes if row else None}
    good = row is not None and row.prefixes is not None
    return (Finding.GOOD if good else Finding.BAD), f"{peer}: {state}\n{seen.text}", facts


def ike(asked: Asked, remote: str | None) -> Found:
    """The IKE association with the peer's WAN address."""
    if remote is None:
        return Finding.NOT_KNOWN, "the WAN address at the other end is not known", {}
    seen = asked.shows.ike(asked.show)
    state = seen.value.get(remote)
    words = f"the security association is {state}" if state else "no security association"
    facts: dict[str, Fact] = {"state": state.value if state else None}
    return (Finding.GOOD if state is IkeState.ESTABLISHED else Finding.BAD), f"{remote}: {words}\n{seen.text}", facts


def ipsec(asked: Asked, remote: str | None) -> Found:
    """Packets and errors of the IPsec associations with the peer's WAN address."""
    if remote is None:
        return Finding.NOT_KNOWN, "the WAN address at the other end is not known", {}
    seen = asked.shows.ipsec(asked.show, remote)
    found = seen.value
    if found is None:
        return Finding.BAD, f"{remote}: no security association\n{seen.text}", {}
    errors = found.send_errors + found.recv_errors
    words = f"{remote}: {found.encaps} packets out, {found.decaps} in, {errors} errors"
    facts: dict[str, Fact] = {"encaps": found.encaps, "decaps": found.decaps, "errors": errors}
    return Finding.GOOD, f"{words}\n{seen.text}", facts


def ike_errors(asked: Asked, again: Show, pause: Callable[[float], None], *, patient: bool) -> Found:
    """Whether authentication fails again while we look: counters alone may be old. ``again`` reads afresh."""
    seen = asked.shows.ike_failures(asked.show)
    if seen.value is None:
        return Finding.NOT_KNOWN, f"how often IKE failed is not told\n{seen.text}", {}
    before = now = seen.value
    for _ in range(LOOKS if patient else 0):
        pause(LOOK_EVERY_S)
        seen = asked.shows.ike_failures(again)
        now = seen.value or 0
        if now > before:
            break
    growing = now > before
    counted = asked.shows.ike_errors(asked.show).value
    named = "; ".join(f"{words} ({count})" for words, count in counted.items())
    words = f"IKEv2 authentication failed {now} times, {now - before} of them while we looked"
    facts: dict[str, Fact] = {"growing": growing, "auth_failed": now, "diagnosed": named or None}
    told = f"{words}{'; error table: ' + named if named else ''}"
    return (Finding.BAD if growing else Finding.GOOD), f"{told}\n{seen.text}", facts


def ike_requests(asked: Asked) -> Found:
    """Accepted and rejected IKEv2 requests."""
    seen = asked.shows.ike_requests(asked.show)
    words = ", ".join(f"{one.direction}: {one.accepted} accepted, {one.rejected} rejected" for one in seen.value)
    finding = Finding.GOOD if seen.value else Finding.NOT_KNOWN
    return finding, f"IKEv2 requests {words or 'not told'}\n{seen.text}", {}


def keys(asked: Asked, intended: str | None) -> Found:
    """Whether the router runs with the intended key, by what redaction leaves of both."""
    seen = asked.shows.keys(asked.show)
    held = [found for found in seen.value.values() if found]
    if intended is None or not held:
        missing = "the intended key cannot be read here" if intended is None else "the router shows no key to compare"
        return Finding.NOT_KNOWN, f"{missing}\n{seen.text}", {}
    if {intended} in held:
        return Finding.GOOD, f"the intended pre-shared key runs\n{seen.text}", {}
    return Finding.BAD, f"the intended pre-shared key does not run\n{seen.text}", {}


def certificates(asked: Asked, router: str, authorities: frozenset[str], now: datetime) -> Found:
    """Whether ``router``'s own certificates from ``authorities`` hold, by its own clock where it tells one.

    Others, such as the maker's own, prove nothing to the peers of a VPN.
    """
    seen, own_time = asked.shows.certificates(asked.show), asked.shows.clock(asked.show).value
    wanted = {name.casefold() for name in authorities}
    found = [one for one in seen.value if one.own and one.authority.casefold() in wanted]
    if not found:
        words = f"{router} shows no certificate of its own from {', '.join(sorted(authorities))}"
        return Finding.NOT_KNOWN, f"{words}\n{seen.text}", {}
    at, faults = own_time or now, []
    for one in found:
        if one.ends is not None and one.ends <= at:
            faults.append(f"{router}'s certificate from {one.authority} expired at {one.ends:%Y-%m-%d %H:%M:%S}Z")
        elif one.starts is not None and one.starts > at:
            clock = f"the router's clock says {at:%Y-%m-%d %H:%M:%S}Z"
            faults.append(
                f"{router}'s certificate from {one.authority} is valid from {one.starts:%Y-%m-%d %H:%M:%S}Z, {clock}"
            )
    if faults:
        return Finding.BAD, f"{'; '.join(faults)}\n{seen.text}", {"valid": False}
    if any(one.ends is None for one in found):
        return Finding.NOT_KNOWN, f"until when the certificates hold cannot be read\n{seen.text}", {}
    last = min(one.ends for one in found if one.ends is not None)
    return Finding.GOOD, f"the certificates hold until {last:%Y-%m-%d %H:%M:%S}Z\n{seen.text}", {"valid": True}


def processor(asked: Asked, threshold: int) -> Found:
    """The load, and what makes it."""
    seen = asked.shows.load(asked.show)
    found = seen.value
    if found is None:
        return Finding.NOT_KNOWN, f"the load cannot be read\n{seen.text}", {}
    by = ", ".join(f"{name} {share:.0f} %" for name, share in found.busiest)
    words = f"the processor's load is {found.one_minute} % over a minute, {found.five_minutes} % over five"
    busy = True if found.one_minute >= threshold else False if found.one_minute < threshold - CALM_BELOW else None
    facts: dict[str, Fact] = {"busy": busy, "one_minute": found.one_minute, "five_minutes": found.five_minutes}
    return (Finding.BAD if busy else Finding.GOOD), f"{words}{'; most: ' + by if by else ''}\n{seen.text}", facts


def log(asked: Asked) -> Found:
    """The last messages of the log that tell of faults."""
    lines = asked.shows.log(asked.show).value
    text = "\n".join(f"{line.at:%b %d %H:%M:%S}Z {line}" if line.at else str(line) for line in lines)
    return Finding.GOOD, f"{len(lines)} telling messages\n{text}", {"messages": len(lines)}


def ping(address: str, result: PingResult) -> Found:
    """A ping as a finding; any answer is good, loss and time are facts."""
    took = f", {result.average_ms:.1f} ms on average" if result.average_ms is not None else ""
    facts: dict[str, Fact] = {"sent": result.sent, "received": result.received, "average_ms": result.average_ms}
    text = f"ping {address}: {result.received} of {result.sent} answered{took}"
    return (Finding.GOOD if result.received else Finding.BAD), text, facts
