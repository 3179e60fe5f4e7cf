"""The rules: each needs its evidence known and not contradicted, so that less of it makes no other cause. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent.faults.conclusion.picture import Picture
from agent.faults.conclusion.terms import Cause, Conclusion, Place
from agent.faults.conclusion.tunnels import broken_tunnels
from agent.faults.evidence import Evidence

#: A far end's ping is as slow as the polls when it takes this part of what they rose by; below the other, it is not.
SLOW_TOO, NOT_SLOW = 0.5, 0.25


def conclude(evidence: Iterable[Evidence], subject: str) -> Conclusion:
    """The first of what the evidence proves, with the rest beside it; UNDETERMINED with what is missing and next."""
    picture = Picture(evidence, subject)
    found = [*_whole(picture)] or [*_parts(picture)] or [*_nothing_left(picture)]
    if not found:
        return Conclusion(Cause.UNDETERMINED, Place.UNKNOWN, _missing(picture))
    first, *rest = found
    return Conclusion(first.cause, first.place, first.why, tuple(rest))


def _whole(picture: Picture) -> Iterator[Conclusion]:
    """What explains everything else there is to see."""
    told = any(one.cause is not Cause.VPN_TUNNEL for one in broken_tunnels(picture))
    if picture.rebooted and not picture.impaired and not told:
        yield Conclusion(Cause.REBOOTED, Place.THIS_ROUTER, picture.reboot_text)
        return
    for rule in (_centre, _management_only, _access):
        if (found := rule(picture)) is not None:
            yield found
            return


def _parts(picture: Picture) -> Iterator[Conclusion]:
    """Faults of a router that answers, each proved on its own."""
    yield from broken_tunnels(picture)
    if (found := _management_too(picture)) is not None:
        yield found
    if picture.reached:
        for rule in (_busy, _session, _loss, _slow):
            if (found := rule(picture)) is not None:
                yield found
    if picture.rebooted:
        yield Conclusion(Cause.REBOOTED, Place.THIS_ROUTER, picture.reboot_text)


def _nothing_left(picture: Picture) -> Iterator[Conclusion]:
    """Only SNMP, or nothing at all any more: said only where everything else was seen to be good."""
    tunnels = len(picture.links) == picture.links_expected and all(link.tunnel for link in picture.links)
    calm = picture.busy is False and picture.losing is False and picture.slow is False
    if not (picture.session and tunnels and calm and picture.rebooted is False):
        return
    if picture.snmp is False:
        yield Conclusion(Cause.SNMP_ONLY, Place.THIS_ROUTER, "session and tunnels work; only SNMP does not answer")
    if picture.snmp:
        yield Conclusion(Cause.RECOVERED, Place.THIS_ROUTER, "the router answers again and its tunnels work")


def _centre(picture: Picture) -> Conclusion | None:
    """Everything fails at once, the hubs as well: look at ourselves first."""
    silent = picture.links and all(link.far_session is False for link in picture.links)
    if picture.others_seen < 2 or picture.others_failing < picture.others_seen or not silent:
        return None
    if not picture.silent:
        return None
    why = f"all {picture.others_seen} other routers fail as well"
    return Conclusion(Cause.MANAGEMENT_CENTRE, Place.MANAGEMENT_PATH, why)


def _management_only(picture: Picture) -> Conclusion | None:
    if not picture.silent:
        return None
    if not any(link.tunnel and link.far_session for link in picture.links):
        return None
    why = "the hub reaches the router through the customer's tunnel; only the management tunnel is silent [WV-7]"
    return Conclusion(Cause.MANAGEMENT_TUNNEL_ONLY, Place.MANAGEMENT_PATH, why)


def _management_too(picture: Picture) -> Conclusion | None:
    """It lives, and is reached neither from here nor over all its tunnels: what these have in common is not known."""
    if not picture.silent or not any(link.wan for link in picture.links):
        return None
    why = "management is silent, though the router's WAN address answers the hub: access and power work"
    return Conclusion(Cause.MANAGEMENT_TUNNEL, Place.UNKNOWN, why)


def _access(picture: Picture) -> Conclusion | None:
    """Nothing of the router is seen from two sides: from here, and from a far end that works."""
    if not picture.silent:
        return None
    if any(link.tunnel or link.wan for link in picture.links):
        return None
    place = Place.CUSTOMER if picture.customer_access else Place.ACCESS
    silent = "management is silent, the hub has no tunnel to the router"
    own = "; the access is the customer's own [WV-34]" if picture.customer_access else ""
    for link in picture.links:
        if not link.far_session or link.tunnel is not False:
            continue
        if link.wan is False:
            return Conclusion(Cause.ACCESS_OR_POWER, place, f"{silent}, and its WAN address does not answer{own}")
        if link.address_lost and (link.peers_up > 0 if link.peers_known else link.peers_known == 0):
            why = f"{silent}, where its dynamic address has lapsed; centre and hub work{own}"
            return Conclusion(Cause.ACCESS_OR_POWER, place, why)
    return None


def _busy(picture: Picture) -> Conclusion | None:
    if not picture.busy:
        return None
    beside = [word for word, bad in (("loss", picture.losing), ("slow answers", picture.slow)) if bad]
    follows = f"; {' and '.join(beside)} may follow from it" if beside else ""
    text = picture.busy_text or "the polls show its processor loaded"
    return Conclusion(Cause.CPU_LOAD, Place.THIS_ROUTER, text + follows)


def _session(picture: Picture) -> Conclusion | None:
    """SSH keeps people out while the router answers otherwise."""
    if picture.session is not False or picture.greeting in (None, "greeted"):
        return None
    if picture.greeting == "unreachable":
        why = "the router answers, and no connection to its SSH comes about: at the router or at a filter on the way"
        return Conclusion(Cause.SESSION_HANGS, Place.UNKNOWN, why)
    why = f"the router answers SNMP or ping, its SSH does not: {picture.greeting}"
    return Conclusion(Cause.SESSION_HANGS, Place.THIS_ROUTER, why)


def _loss(picture: Picture) -> Conclusion | None:
    """A loaded processor loses packets too, and is told instead."""
    if not picture.losing or picture.busy is not False:
        return None
    found = {link.far_losing for link in picture.links} - {None}
    hub = {link.hub_losing for link in picture.links} - {None}
    place, where = _where(picture, found, hub, "loses")
    return Conclusion(Cause.PACKET_LOSS, place, f"{picture.loss_text}; {where}")


def _slow(picture: Picture) -> Conclusion | None:
    if not picture.slow or picture.busy is not False or picture.rise_ms is None or picture.rise_ms <= 0:
        return None
    shares = [link.far_average_ms / picture.rise_ms for link in picture.links if link.far_average_ms is not None]
    found = {True if share >= SLOW_TOO else False if share < NOT_SLOW else None for share in shares} - {None}
    hub = {link.hub_slow for link in picture.links} - {None}
    place, where = _where(picture, found, hub, "is slow")
    return Conclusion(Cause.SLOW_PATH, place, f"answers take {picture.rise_ms:.0f} ms more than usual; {where}")


def _where(picture: Picture, found: set[bool | None], hub: set[bool | None], does: str) -> tuple[Place, str]:
    """Bad from here and from the hub: what both ways share is the access. Bad from here alone: our own way."""
    if found == {True} and hub == {False}:
        own = ", the customer's own [WV-34]" if picture.customer_access else ""
        place = Place.CUSTOMER if picture.customer_access else Place.ACCESS
        return place, f"the way from the hub {does} too, the hub itself does not: both ways share the access{own}"
    if found == {False}:
        return Place.MANAGEMENT_PATH, "from the hub the access is good: it lies between here and the router's access"
    if found == {True}:
        return Place.UNKNOWN, f"the way from the hub {does} too, and whether the hub does is not known or it does"
    return Place.UNKNOWN, "not known: how it looks from the hub"


def _missing(picture: Picture) -> str:
    if picture.contradictions:
        return f"the evidence contradicts itself on {', '.join(sorted(set(picture.contradictions)))}; diagnose again"
    questions: list[tuple[str, str, bool | None]] = [
        ("ping of the management address", "see [reach] ping", picture.managed),
        ("a session with the router", "see spokesman enrol and its credentials", picture.session),
    ]
    for link in picture.links:
        questions += [
            (f"a session with the hub ({link.far})", f"see spokesman enrol {link.far}", link.far_session),
            (f"the tunnel of {link.vpn} to {link.far}", f"look at the tunnels on {link.far}", link.tunnel),
            (f"a ping from {link.far} to the router's WAN address", f"run it on {link.far}", link.wan),
        ]
    if not picture.links:
        questions += [
            ("a session with the hub", "see spokesman enrol", None),
            ("the hub's tunnel to the router", "", None),
        ]
    unknown = [(text, step) for text, step, value in questions if value is None]
    if not unknown:
        return "the evidence fits no known pattern; read it with spokesman incident show"
    steps = list(dict.fromkeys(step for _, step in unknown if step))
    return f"not known: {', '.join(text for text, _ in unknown)}; next: {'; '.join(steps)}"
