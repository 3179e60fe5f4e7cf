"""One command's answer as a finding: what is good or bad in it, in words for people and facts for the conclusion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from agent.faults import readings
from agent.faults.evidence import Fact, Finding
from agent.provisioning.ports import PingResult

#: Finding, text and facts of a probe.
Found = tuple[Finding, str, Mapping[str, Fact]]
#: Gives a command's output without secrets.
Show = Callable[[str], str]

#: How often, and every how many seconds, IKEv2's error counters are read again until one grows.
LOOKS, LOOK_EVERY_S = 6, 5.0
#: Below its threshold by this much, in percent, a processor is not loaded; in between nothing is said.
CALM_BELOW = 15

EXCHANGES = "show crypto ikev2 stats exchange"
KEYRINGS = "show running-config | section crypto ikev2 keyring"


def tunnel(show: Show, peer: str, others: tuple[str, ...]) -> Found:
    """The tunnel to ``peer``, and how many of ``others`` are up at the same router."""
    text = show("show dmvpn")
    rows = {row.tunnel: row for row in readings.tunnels(text)}
    row = rows.get(peer)
    facts: dict[str, Fact] = {"state": row.state if row else None, "since": row.since if row else None}
    facts["other_peers"] = len(others)
    facts["other_peers_up"] = sum(1 for one in others if one in rows and rows[one].up)
    state = f"{row.state} since {row.since}" if row else "no such peer"
    return (Finding.GOOD if row is not None and row.up else Finding.BAD), f"{peer}: {state}\n{text}", facts


def nhrp(show: Show, peer: str) -> Found:
    """Where NHRP has the peer."""
    text = show("show ip nhrp")
    address = readings.nhrp(text).get(peer)
    words = f"{peer} is at {address}" if address else f"{peer} is not known"
    return (Finding.GOOD if address else Finding.BAD), f"{words}\n{text}", {"nbma": address}


def registration(show: Show, peer: str) -> Found:
    """Whether a hub answers this router's registrations."""
    text = show("show ip nhrp nhs detail")
    server = readings.servers(text).get(peer)
    if server is None:
        return Finding.NOT_KNOWN, f"{peer} is no next-hop server here\n{text}", {}
    words = f"{peer}: {server.sent} registrations sent, {server.answered} answered"
    state = "responds" if server.responds else "does not respond"
    facts: dict[str, Fact] = {"sent": server.sent, "answered": server.answered}
    return (Finding.GOOD if server.responds else Finding.BAD), f"{words}; it {state}\n{text}", facts


def bgp(show: Show, peer: str) -> Found:
    """The BGP session with the peer."""
    text = show("show bgp vpnv4 unicast all summary")
    row = readings.neighbors(text).get(peer)
    state = row.state if row else "no such neighbour"
    facts: dict[str, Fact] = {"state": state, "prefixes": row.prefixes if row else None}
    good = row is not None and row.prefixes is not None
    return (Finding.GOOD if good else Finding.BAD), f"{peer}: {state}\n{text}", facts


def ike(show: Show, remote: str | None) -> Found:
    """The IKE association with the peer's WAN address."""
    if remote is None:
        return Finding.NOT_KNOWN, "the WAN address at the other end is not known", {}
    text = show("show crypto ikev2 sa")
    state = readings.ike(text).get(remote)
    words = state or "no security association"
    return (Finding.GOOD if state == "READY" else Finding.BAD), f"{remote}: {words}\n{text}", {"state": state}


def ipsec(show: Show, remote: str | None) -> Found:
    """Packets and errors of the IPsec associations with the peer's WAN address."""
    if remote is None:
        return Finding.NOT_KNOWN, "the WAN address at the other end is not known", {}
    text = show(f"show crypto ipsec sa peer {remote}")
    found = readings.ipsec(text).get(remote)
    if found is None:
        return Finding.BAD, f"{remote}: no security association\n{text}", {}
    errors = found.send_errors + found.recv_errors
    words = f"{remote}: {found.encaps} packets out, {found.decaps} in, {errors} errors"
    facts: dict[str, Fact] = {"encaps": found.encaps, "decaps": found.decaps, "errors": errors}
    return Finding.GOOD, f"{words}\n{text}", facts


def ike_errors(show: Show, again: Show, pause: Callable[[float], None], *, patient: bool) -> Found:
    """Whether authentication fails again while we look: counters alone may be old. ``again`` reads afresh."""
    text = show(EXCHANGES)
    before = now = readings.error_notifies(text).get("AUTHENTICATION_FAILED", 0)
    for _ in range(LOOKS if patient else 0):
        pause(LOOK_EVERY_S)
        text = again(EXCHANGES)
        now = readings.error_notifies(text).get("AUTHENTICATION_FAILED", 0)
        if now > before:
            break
    growing = now > before
    counted = readings.ike_errors(show("show crypto ikev2 diagnose error"))
    named = "; ".join(f"{words} ({count})" for words, count in counted.items())
    words = f"IKEv2 authentication failed {now} times, {now - before} of them while we looked"
    facts: dict[str, Fact] = {"growing": growing, "auth_failed": now, "diagnosed": named or None}
    seen = f"{words}{'; error table: ' + named if named else ''}"
    return (Finding.BAD if growing else Finding.GOOD), f"{seen}\n{text}", facts


def ike_requests(show: Show) -> Found:
    """Accepted and rejected IKEv2 requests."""
    text = show("show crypto ikev2 stats")
    counts = readings.ike_requests(text)
    words = ", ".join(
        f"{way}: {accepted} accepted, {rejected} rejected" for way, (accepted, rejected) in counts.items()
    )
    return (Finding.GOOD if counts else Finding.NOT_KNOWN), f"IKEv2 requests {words or 'not told'}\n{text}", {}


def keys(show: Show, intended: str | None) -> Found:
    """Whether a keyring runs with the intended key, by what redaction leaves of both."""
    text = show(KEYRINGS)
    held = [found for found in readings.keys(text).values() if found]
    if intended is None or not held:
        missing = "the intended key cannot be read here" if intended is None else "the router shows no key to compare"
        return Finding.NOT_KNOWN, f"{missing}\n{text}", {}
    if {intended} in held:
        return Finding.GOOD, f"the intended pre-shared key runs\n{text}", {}
    return Finding.BAD, f"the intended pre-shared key does not run\n{text}", {}


def certificates(show: Show, router: str, authorities: frozenset[str], now: datetime) -> Found:
    """Whether ``router``'s own certificates from ``authorities`` hold, by its own clock where it tells one.

    Others, such as the maker's own, prove nothing to the peers of a VPN.
    """
    text, own_time = show("show crypto pki certificates"), readings.clock(show("show clock"))
    wanted = {name.upper() for name in authorities}
    found = [one for one in readings.certificates(text) if one.own and one.trustpoint.upper() in wanted]
    if not found:
        words = f"{router} shows no certificate of its own from {', '.join(sorted(authorities))}"
        return Finding.NOT_KNOWN, f"{words}\n{text}", {}
    at, faults = own_time or now, []
    for one in found:
        if one.ends is not None and one.ends <= at:
            faults.append(f"{router}'s certificate from {one.trustpoint} expired at {one.ends:%Y-%m-%d %H:%M:%S}Z")
        elif one.starts is not None and one.starts > at:
            clock = f"the router's clock says {at:%Y-%m-%d %H:%M:%S}Z"
            faults.append(
                f"{router}'s certificate from {one.trustpoint} is valid from {one.starts:%Y-%m-%d %H:%M:%S}Z, {clock}"
            )
    if faults:
        return Finding.BAD, f"{'; '.join(faults)}\n{text}", {"valid": False}
    if any(one.ends is None for one in found):
        return Finding.NOT_KNOWN, f"until when the certificates hold cannot be read\n{text}", {}
    last = min(one.ends for one in found if one.ends is not None)
    return Finding.GOOD, f"the certificates hold until {last:%Y-%m-%d %H:%M:%S}Z\n{text}", {"valid": True}


def processor(show: Show, threshold: int) -> Found:
    """The load, and what makes it."""
    text = show("show processes cpu sorted 1min")
    found = readings.load(text)
    if found is None:
        return Finding.NOT_KNOWN, f"the load cannot be read\n{text}", {}
    by = ", ".join(f"{name} {share:.0f} %" for name, share in found.busiest)
    words = f"the processor's load is {found.one_minute} % over a minute, {found.five_minutes} % over five"
    busy = True if found.one_minute >= threshold else False if found.one_minute < threshold - CALM_BELOW else None
    facts: dict[str, Fact] = {"busy": busy, "one_minute": found.one_minute, "five_minutes": found.five_minutes}
    shown = "\n".join(text.splitlines()[:15])
    return (Finding.BAD if busy else Finding.GOOD), f"{words}{'; most: ' + by if by else ''}\n{shown}", facts


def log(show: Show) -> Found:
    """The last messages of the log that tell of faults."""
    lines = readings.log_tail(show("show logging"), readings.clock(show("show clock")))
    text = "\n".join(f"{line.at:%b %d %H:%M:%S}Z {line}" if line.at else str(line) for line in lines)
    return Finding.GOOD, f"{len(lines)} telling messages\n{text}", {"messages": len(lines)}


def ping(address: str, result: PingResult) -> Found:
    """A ping as a finding; any answer is good, loss and time are facts."""
    took = f", {result.average_ms:.1f} ms on average" if result.average_ms is not None else ""
    facts: dict[str, Fact] = {"sent": result.sent, "received": result.received, "average_ms": result.average_ms}
    text = f"ping {address}: {result.received} of {result.sent} answered{took}"
    return (Finding.GOOD if result.received else Finding.BAD), text, facts
