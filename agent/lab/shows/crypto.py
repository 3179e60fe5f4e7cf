"""``show crypto ipsec sa`` and ``show crypto session``; ``show crypto ikev2`` stands beside."""

from __future__ import annotations

from agent.lab.journal.attempts import FAILURES, Failure, tries
from agent.lab.net.ike import Suite
from agent.lab.net.tunnels import Link, Role
from agent.lab.shows.common import View, carried, uptime
from agent.lab.shows.ikev2 import LIFE_S, front, ike_port, ikev2, local, profile_of, spi

_KEY_S = 3_600
_SESSION_LEGEND = (
    "Crypto session current status\n\n"
    "Code: C - IKE Configuration mode, D - Dead Peer Detection     \n"
    "K - Keepalives, N - NAT-traversal, T - cTCP encapsulation     \n"
    "X - IKE Extended Authentication, F - IKE Fragmentation\n"
    "R - IKE Auto Reconnect, U - IKE Dynamic Route Update\n"
    "S - SIP VPN\n\n"
)
_COUNTERS = (
    "    #pkts compressed: 0, #pkts decompressed: 0\n    #pkts not compressed: 0, #pkts compr. failed: 0\n"
    "    #pkts not decompressed: 0, #pkts decompress failed: 0\n    #send errors 0, #recv errors 0\n\n"
)
_ALL_COUNTERS = (
    "    #pkts compressed: 0, #pkts decompressed: 0\n    #pkts not compressed: 0, #pkts compr. failed: 0\n"
    "    #pkts not decompressed: 0, #pkts decompress failed: 0\n"
    "    #pkts no sa (send) 0, #pkts invalid sa (rcv) 0\n"
    "    #pkts encaps failed (send) 0, #pkts decaps failed (rcv) 0\n"
    "    #pkts invalid prot (recv) 0, #pkts verify failed: 0\n"
    "    #pkts invalid identity (recv) 0, #pkts invalid len (rcv) 0\n"
    "    #pkts replay rollover (send): 0, #pkts replay rollover (rcv) 0\n    ##pkts replay failed (rcv): 0\n"
    "    #pkts tagged (send): 0, #pkts untagged (rcv): 0\n    #pkts not tagged (send): 0, #pkts not untagged (rcv): 0\n"
    "    #pkts internal err (send): 0, #pkts internal err (recv) 0\n\n"
)


def crypto(view: View, words: list[str]) -> str | None:
    """Everything below ``show crypto`` that the network decides."""
    rest = words[2:]
    if rest[:1] == ["ikev2"]:
        return ikev2(view, rest[1:])
    if rest[:2] == ["ipsec", "sa"]:
        return _ipsec(view, rest[2:])
    if rest == ["session"]:
        parts = [_session_brief(view, link) for link in _sessions(view)]
        return "Crypto session current status\n\n" + "\n".join(parts)
    if rest == ["session", "detail"]:
        return _SESSION_LEGEND + "\n".join(_session_detail(view, link) for link in _sessions(view))
    return None


def _ipsec(view: View, rest: list[str]) -> str | None:
    wanted = ""
    if rest[:1] == ["peer"] and len(rest) > 1:
        wanted, rest = rest[1], rest[2:]
    if rest not in ([], ["detail"]):
        return None
    chosen = [link for link in _sessions(view) if wanted in {"", str(link.peer_nbma)}]
    return "\n".join(_ipsec_sa(view, link, detailed=bool(rest)) for link in chosen)


def _sessions(view: View) -> list[Link]:
    """What is up, and what this router tries to bring up."""
    return [link for link in view.links if (link.suite is not None and view.up(link)) or is_down(view, link)]


def is_down(view: View, link: Link) -> bool:
    """Whether the router tries in vain to bring a link of its own up."""
    return link.role is not Role.CLIENT and not view.up(link) and link.reason in FAILURES


def _ipsec_sa(view: View, link: Link, *, detailed: bool) -> str:
    """The flow of one tunnel; without associations where it is down, with what could not be sent."""
    suite = link.suite if view.up(link) else None
    own, tag = local(view), f"{link.interface}-head-0"
    inner = view.station.interface(link.interface)
    sent, received = carried(view, link) if suite else (0, 0)
    whole = link.role is Role.CENTRE
    mine = "0.0.0.0/0.0.0.0/0/0" if whole else f"{own}/255.255.255.255/47/0"
    theirs = "0.0.0.0/0.0.0.0/0/0" if whole else f"{link.peer_nbma}/255.255.255.255/47/0"
    inbound, outbound = (spi(view, link, "in"), spi(view, link, "out")) if suite else (0, 0)
    group = suite.pfs if suite and suite.pfs else "none"
    counters = _ALL_COUNTERS if detailed else _COUNTERS
    return (
        f"\ninterface: {link.interface}\n    Crypto map tag: {tag}, local addr {own}\n\n"
        f"   protected vrf: {(inner.vrf if inner else '') or '(none)'}\n"
        f"   local  ident (addr/mask/prot/port): ({mine})\n   remote ident (addr/mask/prot/port): ({theirs})\n"
        f"   current_peer {link.peer_nbma} port {ike_port(view, link)}\n     PERMIT, flags={{origin_is_acl,}}\n"
        f"    #pkts encaps: {sent}, #pkts encrypt: {sent}, #pkts digest: {sent}\n"
        f"    #pkts decaps: {received}, #pkts decrypt: {received}, #pkts verify: {received}\n"
        + counters.replace("#send errors 0", f"#send errors {_unsent(view, link)}")
        + f"     local crypto endpt.: {own}, remote crypto endpt.: {link.peer_nbma}\n"
        "     plaintext mtu 1446, path mtu 1500, ip mtu 1500, ip mtu idb "
        f"{view.station.device.access.interface}\n"
        f"     current outbound spi: 0x{outbound:X}({outbound})\n"
        f"     PFS (Y/N): {'Y' if group != 'none' else 'N'}, DH group: {group}\n\n"
        f"     inbound esp sas:\n{_sa(view, link, suite, inbound, tag)}\n"
        "     inbound ah sas:\n\n     inbound pcp sas:\n\n"
        f"     outbound esp sas:\n{_sa(view, link, suite, outbound, tag)}\n"
        "     outbound ah sas:\n\n     outbound pcp sas:\n"
    )


def _unsent(view: View, link: Link) -> int:
    """Registrations that found no tunnel to go through, since it is down."""
    return 0 if view.up(link) or link.role is not Role.SERVER else tries(view.now - view.since(link))


def _sa(view: View, link: Link, suite: Suite | None, index: int, tag: str) -> str:
    if suite is None:
        return ""
    left = _KEY_S - int(view.now - view.since(link)) % _KEY_S
    number = 2000 + index % 100
    return (
        f"      spi: 0x{index:X}({index})\n        transform: {' '.join(suite.transform)} ,\n"
        f"        in use settings ={{{suite.mode.capitalize()}, }}\n"
        f"        conn id: {number}, flow_id: ESG:{number - 2000}, sibling_flags FFFFFFFF80004008, crypto map: {tag}\n"
        f"         sa timing: remaining key lifetime (k/sec): (4607990/{left})\n"
        "        IV size: 8 bytes\n        replay detection support: Y  replay window size: 1024\n"
        "        Status: ACTIVE(ACTIVE)\n"
    )


def session(view: View, link: Link) -> str:
    """One session as ``show dmvpn detail`` has it."""
    suite = link.suite
    left = LIFE_S - int(view.now - view.since(link)) % LIFE_S
    own, port = local(view), ike_port(view, link)
    identity = suite.remote_id.partition(" ")[2] if suite else ""
    return (
        f"Interface: {link.interface}\nSession: [0x{spi(view, link, 'session'):08X}]\n  Session ID: 1  \n"
        f"  IKEv2 SA: local {own}/{port} remote {link.peer_nbma}/{port} Active \n"
        f"          Capabilities:(none) connid:1 lifetime:{uptime(left)}\n"
        "  Crypto Session Status: UP-ACTIVE     \n"
        f"  fvrf: {front(view, link) or '(none)'},\tPhase1_id: {identity}\n"
        f"  IPSEC FLOW: permit 47 host {own} host {link.peer_nbma} \n        Active SAs: 2, origin: crypto map\n"
        f"   Outbound SPI : 0x{spi(view, link, 'out'):X}, transform : {' '.join(suite.transform) if suite else ''} \n"
    )


def _status(view: View, link: Link) -> tuple[str, str, int]:
    """Session status, state of the IKEv2 SA, and how many IPsec SAs there are."""
    if view.up(link):
        return "UP-ACTIVE", "Active", 2
    silent = link.reason is not None and FAILURES.get(link.reason) is Failure.SILENCE
    return ("DOWN-NEGOTIATING", "Inactive", 0) if silent else ("DOWN", "", 0)


def _ike_profile(view: View, link: Link) -> str:
    found = view.station.config.crypto.ipsec_profiles.get(profile_of(view, link))
    return found.ike_profile if found else ""


def _flow(view: View, link: Link) -> str:
    if link.role is Role.CENTRE:
        return "  IPSEC FLOW: permit ip 0.0.0.0/0.0.0.0 0.0.0.0/0.0.0.0 \n"
    return f"  IPSEC FLOW: permit 47 host {local(view)} host {link.peer_nbma} \n"


def _session_brief(view: View, link: Link) -> str:
    own, port = local(view), ike_port(view, link)
    status, state, count = _status(view, link)
    ike = f"  IKEv2 SA: local {own}/{port} remote {link.peer_nbma}/{port} {state} \n" if state else ""
    profile = f"Profile: {_ike_profile(view, link)}\n" if count else ""
    number = "  Session ID: 1  \n" if state else ""
    return (
        f"Interface: {link.interface}\n{profile}"
        f"Session status: {status}{'     ' if count else ''}\nPeer: {link.peer_nbma} port {port} \n{number}{ike}"
        f"{_flow(view, link)}        Active SAs: {count}, origin: crypto map\n"
    )


def _session_detail(view: View, link: Link) -> str:
    own, port, active = local(view), ike_port(view, link), view.now - view.since(link)
    interface = view.station.interface(link.interface)
    identity = link.suite.remote_id.partition(" ")[2] if link.suite else "(none)"
    status, state, count = _status(view, link)
    sent, received = carried(view, link) if count else (0, 0)
    life = f"{4607990}/{_KEY_S - int(active) % _KEY_S}" if count else "0/0"
    lifetime = uptime(LIFE_S - int(active) % LIFE_S) if count else "0"
    up = f"Profile: {_ike_profile(view, link)}\nUptime: {uptime(active)}\n" if count else ""
    ike = (
        f"  Session ID: 1  \n  IKEv2 SA: local {own}/{port} remote {link.peer_nbma}/{port} {state} \n"
        f"          Capabilities:{'DU' if count else '(none)'} connid:{count and 1} lifetime:{lifetime}\n"
    )
    return (
        f"Interface: {link.interface}\n{up}Session status: {status}{'     ' if count else ''}\n"
        f"Peer: {link.peer_nbma} port {port} fvrf: {front(view, link) or '(none)'} "
        f"ivrf: {(interface.vrf if interface else '') or '(none)'}\n"
        f"      Phase1_id: {identity}\n      Desc: (none)\n{ike if state else ''}"
        f"{_flow(view, link)}        Active SAs: {count}, origin: crypto map\n"
        f"        Inbound:  #pkts dec'ed {received} drop 0 life (KB/Sec) {life}\n"
        f"        Outbound: #pkts enc'ed {sent} drop 0 life (KB/Sec) {life}\n"
    )


def pending(view: View, link: Link) -> str:
    """A session that does not come up, as ``show dmvpn detail`` has it."""
    own, port = local(view), ike_port(view, link)
    status, _, _ = _status(view, link)
    return (
        f"Interface: {link.interface}\n"
        f"  IKEv2 SA: local {own}/{port} remote {link.peer_nbma}/{port} Inactive \n"
        "          Capabilities:(none) connid:0 lifetime:0\n"
        f"  Crypto Session Status: {status}     \n  fvrf: {front(view, link) or '(none)'},"
        f"\t{_flow(view, link).lstrip()}        Active SAs: 0, origin: crypto map\n"
        "   Outbound SPI : 0x       0, transform : \n    Socket State: Closed\n\n"
    )
