"""Whether tunnels stay: dead peers are noticed, registrations renewed, and everybody who must come in finds room."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, VpnGround, cite, one
from agent.verification.pairs.encryption import ike_of, ipsec_of
from device_templates.model import RouterModel, Tunnel
from inventory import Severity, SiteView

#: A dead far end is noticed within this many seconds: no later than a poll notices it [WV-10].
_NOTICED_S = 300
#: Between registrations: a third of the longest holding time, two hours, that platforms have by themselves.
_RENEWED_S = 2400
#: Associations that last for less are a load on hubs, and each change loses packets.
_LASTING_S = 600
#: What an association carries lasts for this many seconds at least when the access is full.
_FULL_S = 20
#: Packets that may overtake one which queued behind them and is still taken.
_WINDOW = 512


def _protected(ground: Ground) -> Iterator[tuple[SiteView, RouterModel, Tunnel, str]]:
    """One tunnel of each IPsec profile in use, with the rule that wants it to stay."""
    peer = ground.inventory.settings.management_centre.peer
    for view, model in ground.routers:
        tunnels = {tunnel.protection: tunnel for _, tunnel in model.tunnels() if tunnel.protection}
        for tunnel in tunnels.values():
            yield view, model, tunnel, "WV-7" if tunnel.destination == peer else "WV-3"


def dead_peers_are_noticed(ground: Ground) -> Iterator[Finding]:
    """Silent peers are soon asked if they live: a hub that restarted knows nobody, and nobody would notice [WV-3]."""
    for view, model, tunnel, rule in _protected(ground):
        profile = ike_of(model, tunnel)
        if profile is None or profile.version != 2 or 0 < (profile.dpd_s or 0) <= _NOTICED_S:
            continue
        said = f"after {profile.dpd_s} s only" if profile.dpd_s else "never"
        message = f"IKEv2 profile {profile.name} asks {said} whether a silent peer lives"
        lines = cite(view.router.name, profile.at, "dpd_s")
        yield one(view, rule, message, "let it ask within five minutes, as the templates do", lines=lines)


def routers_begin_tunnels(ground: Ground) -> Iterator[Finding]:
    """Spokes begin their tunnels, and every router that of management: nobody knows where to call them [WV-3]."""
    for view, model, tunnel, rule in _protected(ground):
        ipsec = ipsec_of(model, tunnel)
        waits = ipsec is not None and ipsec.responder_only
        hub = rule == "WV-3" and all(view.is_hub(vpn) for vpn in view.vpns)
        if ipsec is not None and waits and not hub:
            message = f"IPsec profile {ipsec.name} waits for peers to begin, and they wait for this router"
            yield one(view, rule, message, lines=cite(view.router.name, ipsec.at, "responder_only"))


def hubs_stay_up_alone(ground: Ground) -> Iterator[Finding]:
    """A hub's tunnel hangs on no other hub: one that fails would take the others with it [WV-3]."""
    for vpn in ground.vpns:
        for hub in vpn.hubs:
            if hub.tunnel.follows_nhrp:
                message = f"VPN {vpn.name}: the hub's tunnel is down while no other hub answers"
                yield one(hub.view, "WV-3", message, lines=hub.of_tunnel("follows_nhrp"))


def registrations_are_renewed(ground: Ground) -> Iterator[Finding]:
    """Registrations are renewed in time: a hub that restarted finds nobody until then [WV-3]."""
    for vpn in ground.vpns:
        for member in vpn.members:
            every, holds = member.tunnel.registers_s, member.tunnel.holds_s
            if every is not None and holds is not None and every >= holds:
                message = f"VPN {vpn.name}: it registers every {every} s, and is forgotten after {holds} s"
                lines = (*member.of_tunnel("registers_s"), *member.of_tunnel("holds_s"))
                yield one(member.view, "WV-3", message, lines=tuple(dict.fromkeys(lines)))
            elif every is not None and every > _RENEWED_S:
                message = f"VPN {vpn.name}: it registers only every {every} s"
                lines = member.of_tunnel("registers_s")
                yield one(member.view, "WV-3", message, lines=lines, severity=Severity.WARNING)


def associations_have_room(ground: Ground) -> Iterator[Finding]:
    """There may be as many IKE associations as a router has permanent peers, and one for a direct tunnel [WV-3]."""
    for view, model in ground.routers:
        limit = model.crypto.limit
        if limit is None:
            continue
        needed = len(_peers(ground, view)) + 1
        if limit < needed:
            message = f"it refuses more than {limit} IKE associations, and needs {needed}"
            yield one(view, "WV-3", message, lines=cite(view.router.name, model.crypto.at, "limit"))


def _peers(ground: Ground, view: SiteView) -> set[str]:
    """The far ends of a router's permanent tunnels, and another spoke; the centre's is not among them."""
    found: set[str] = set()
    for vpn in view.vpns:
        members = [one.router.name for one in ground.inventory.members(view.customer, vpn) if one.name != view.name]
        hubs = [one.router.name for one in ground.inventory.hubs(view, vpn)]
        found.update(members if view.is_hub(vpn) else (*hubs, *[one for one in members if one not in hubs][:1]))
    return found


def associations_last(ground: Ground) -> Iterator[Finding]:
    """IKE and IPsec associations last: new keys every few minutes load hubs and lose packets [WV-3]."""
    for view, model, tunnel, rule in _protected(ground):
        ike, ipsec = ike_of(model, tunnel), ipsec_of(model, tunnel)
        for what, profile in (("IKEv2", ike), ("IPsec", ipsec)):
            if profile is not None and profile.lifetime_s is not None and profile.lifetime_s < _LASTING_S:
                message = f"{what} profile {profile.name} makes new keys every {profile.lifetime_s} s"
                lines = _lifetime(view, model, profile.at.line, dict(profile.at.fields))
                yield one(view, rule, message, lines=lines, severity=Severity.WARNING)
        carried, fastest = (
            ipsec.lifetime_kb if ipsec else None,
            max(view.site.access.up_kbps, view.site.access.down_kbps),
        )
        if ipsec is not None and carried is not None and carried * 8 < fastest * _FULL_S:
            message = (
                f"IPsec profile {ipsec.name} makes new keys after {carried} kB, which is {carried * 8 / fastest:.0f} s"
            )
            lines = _lifetime(view, model, ipsec.at.line, dict(ipsec.at.fields), "lifetime_kb")
            yield one(view, rule, f"{message} of a full access", lines=lines)


def _lifetime(
    view: SiteView, model: RouterModel, line: int, fields: dict[str, int], name: str = "lifetime_s"
) -> tuple[Line, ...]:
    """The line of a lifetime: that of its profile, else that for all."""
    everybody = dict(model.crypto.at.fields)
    return (Line(view.router.name, fields.get(name) or everybody.get(name, line)),)


def late_packets_are_taken(ground: Ground) -> Iterator[Finding]:
    """Where traffic is prioritised, packets that others overtook are no replays to the far end [WV-9]."""
    told: set[tuple[str, str]] = set()
    for vpn in ground.vpns:
        if not _prioritises(vpn):
            continue
        for member in vpn.members:
            ipsec = ipsec_of(member.model, member.tunnel)
            window = ipsec.replay_window if ipsec else None
            if ipsec is None or window is None or not 0 < window < _WINDOW or (member.router, ipsec.name) in told:
                continue
            told.add((member.router, ipsec.name))
            message = f"VPN {vpn.name}: what {window} packets overtook, in a sender's queues, is dropped as a replay"
            lines = (
                *cite(member.router, member.model.crypto.at, "replay_window"),
                *cite(member.router, ipsec.at, "replay_window"),
            )
            yield one(member.view, "WV-9", message, "use a window of 1024", lines=lines, severity=Severity.WARNING)


def _prioritises(vpn: VpnGround) -> bool:
    return any(member.view.site.options.traffic_prioritisation is not None for member in vpn.members)


CHECKS = (
    dead_peers_are_noticed,
    routers_begin_tunnels,
    hubs_stay_up_alone,
    registrations_are_renewed,
    associations_have_room,
    associations_last,
    late_packets_are_taken,
)
