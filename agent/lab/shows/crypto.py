"""``show crypto ikev2 sa``, ``show crypto ipsec sa``, ``show crypto session``, and why a negotiation failed."""

from __future__ import annotations

from ipaddress import IPv4Address

from agent.lab.net.ike import Suite
from agent.lab.net.reasons import Reason
from agent.lab.net.tunnels import Link
from agent.lab.shows.common import View, stable, uptime

_LIFE_S = 86_400
_KEY_LIFE_S = 3_600
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
_SIGN = {"pre-share": "PSK", "rsa-sig": "RSA", "ecdsa-sig": "ECDSA"}
#: What IOS logs for a failure of an IKEv2 exchange.
_ERRORS = {
    Reason.KEY: "Auth exchange failed",
    Reason.NO_KEY: "Failed to locate an item in the database",
    Reason.AUTH_METHOD: "Auth exchange failed",
    Reason.IDENTITY: "Failed to locate an item in the database",
    Reason.IKE_PROPOSAL: "Received no proposal chosen notify",
    Reason.TRANSFORM: "Received no proposal chosen notify",
    Reason.TRANSFORM_MODE: "Received no proposal chosen notify",
    Reason.PFS: "Received no proposal chosen notify",
    Reason.NO_CERTIFICATE: "Failed to find a matching trustpoint",
    Reason.OTHER_AUTHORITY: "Platform errors: certificate validation failed",
    Reason.PROFILE_INCOMPLETE: "Failed to locate an item in the database",
    Reason.NO_ROUTE: "Maximum number of retransmissions reached",
    Reason.NO_PEER: "Maximum number of retransmissions reached",
    Reason.BLOCKED: "Maximum number of retransmissions reached",
}


def crypto(view: View, words: list[str]) -> str | None:
    """Everything below ``show crypto`` that the network decides."""
    rest = words[2:]
    if rest[:2] == ["ikev2", "sa"]:
        return _ikev2_sa(view, detailed="detailed" in rest or "detail" in rest)
    if rest[:2] == ["ikev2", "diagnose"]:
        return _errors(view)
    if rest[:2] == ["ipsec", "sa"]:
        wanted = rest[rest.index("peer") + 1] if "peer" in rest[:-1] else ""
        chosen = [link for link in _live(view) if wanted in {"", str(link.peer_nbma)}]
        return "\n".join(_ipsec_sa(view, link, detailed="detail" in rest) for link in chosen)
    if rest[:1] == ["session"]:
        if rest[1:] == ["detail"]:
            return _SESSION_LEGEND + "\n".join(_session_detail(view, link) for link in _live(view))
        return "Crypto session current status\n\n" + "\n".join(_session_brief(view, link) for link in _live(view))
    return None


def _live(view: View) -> list[Link]:
    return [link for link in view.links if view.up(link) and link.suite is not None]


def _associations(view: View) -> list[tuple[Link, Suite]]:
    """One IKE SA a peer and IPsec profile: tunnels that share a profile share it."""
    found: dict[tuple[IPv4Address | None, str], tuple[Link, Suite]] = {}
    for link in _live(view):
        interface = view.station.interface(link.interface)
        profile = interface.tunnel.profile if interface and interface.tunnel else ""
        if link.suite is not None:
            found.setdefault((link.peer_nbma, profile), (link, link.suite))
    return list(found.values())


def _ikev2_sa(view: View, *, detailed: bool) -> str:
    rows = [_association(view, number, *one, detailed) for number, one in enumerate(_associations(view), 1)]
    return " IPv4 Crypto IKEv2  SA \n\n" + "\n".join(rows) + "\n IPv6 Crypto IKEv2  SA \n\n" if rows else ""


def _association(view: View, number: int, link: Link, suite: Suite, detailed: bool) -> str:
    own, port = _local(view), _port(view)
    fvrf = _front(view, link)
    inner = view.station.interface(link.interface)
    tables = f"{fvrf or 'none'}/{(inner.vrf if inner else '') or 'none'}"
    active = int(view.now - view.since(link)) % _LIFE_S
    here, there = _spi(view, link, "ike-local"), _spi(view, link, "ike-remote")
    text = (
        "Tunnel-id Local                 Remote                fvrf/ivrf            Status \n"
        f"{number:<9} {f'{own}/{port}':<21} {f'{link.peer_nbma}/{port}':<21} {tables:<20} READY  \n"
        f"      Encr: {_cipher(suite.encryption)}, PRF: {suite.prf.upper()}, "
        f"Hash: {suite.integrity.upper() or 'None'}, DH Grp:{suite.group}, "
        f"Auth sign: {_SIGN.get(suite.sign, suite.sign)}, Auth verify: {_SIGN.get(suite.verify, suite.verify)}\n"
        f"      Life/Active Time: {_LIFE_S}/{active} sec\n"
        f"      CE id: {1000 + number}, Session-id: {number}\n"
        f"      Local spi: {here:016X}       Remote spi: {there:016X}\n"
    )
    return text + (_details(link, suite) if detailed else "")


def _details(link: Link, suite: Suite) -> str:
    return (
        "      Status Description: Negotiation done\n"
        f"      Local id: {suite.local_id.partition(' ')[2]}\n"
        f"      Remote id: {suite.remote_id.partition(' ')[2]}\n"
        "      Local req msg id:  2              Remote req msg id:  0         \n"
        "      Local next msg id: 2              Remote next msg id: 0         \n"
        "      Local req queued:  2              Remote req queued:  0         \n"
        "      Local window:      5              Remote window:      5         \n"
        "      DPD configured for 30 seconds, retry 5\n"
        "      Fragmentation not  configured.\n"
        "      Dynamic Route Update: enabled\n"
        "      Extended Authentication not configured.\n"
        "      NAT-T is not detected  \n"
        "      Cisco Trust Security SGT is disabled\n"
        f"      Initiator of SA : {'No' if link.role == 'client' else 'Yes'}\n"
        "      PEER TYPE: IOS-XE\n"
    )


def _cipher(name: str) -> str:
    """``aes-gcm-256`` as ``AES-GCM, keysize: 256``."""
    kind, _, size = name.rpartition("-")
    return f"{kind.upper()}, keysize: {size}"


def _local(view: View) -> str:
    wan = view.station.interface(view.station.device.access.interface)
    own = view.station.address(wan) if wan else None
    return str(own.ip) if own else "0.0.0.0"  # noqa: S104


def _port(view: View) -> int:
    return 4500 if view.station.device.access.public else 500


def _front(view: View, link: Link) -> str:
    interface = view.station.interface(link.interface)
    return interface.tunnel.vrf if interface and interface.tunnel else ""


def _spi(view: View, link: Link, what: str) -> int:
    return stable(view.router.name, *link.key, view.since(link), what, octets=8 if what.startswith("ike") else 4)


def _ipsec_sa(view: View, link: Link, *, detailed: bool) -> str:
    suite = link.suite
    if suite is None:
        return ""
    own, tag = _local(view), f"{link.interface}-head-0"
    inner = view.station.interface(link.interface)
    packets = int((view.now - view.since(link)) * 2) + 4
    tunnel = suite.mode == "tunnel"
    local = "0.0.0.0/0.0.0.0/0/0" if tunnel else f"{own}/255.255.255.255/47/0"
    remote = "0.0.0.0/0.0.0.0/0/0" if tunnel else f"{link.peer_nbma}/255.255.255.255/47/0"
    inbound, outbound = _spi(view, link, "in"), _spi(view, link, "out")
    group = suite.pfs or "none"
    return (
        f"\ninterface: {link.interface}\n    Crypto map tag: {tag}, local addr {own}\n\n"
        f"   protected vrf: {(inner.vrf if inner else '') or '(none)'}\n"
        f"   local  ident (addr/mask/prot/port): ({local})\n   remote ident (addr/mask/prot/port): ({remote})\n"
        f"   current_peer {link.peer_nbma} port {_port(view)}\n     PERMIT, flags={{origin_is_acl,}}\n"
        f"    #pkts encaps: {packets}, #pkts encrypt: {packets}, #pkts digest: {packets}\n"
        f"    #pkts decaps: {packets}, #pkts decrypt: {packets}, #pkts verify: {packets}\n"
        + (_ALL_COUNTERS if detailed else _COUNTERS)
        + f"     local crypto endpt.: {own}, remote crypto endpt.: {link.peer_nbma}\n"
        "     plaintext mtu 1446, path mtu 1500, ip mtu 1500, ip mtu idb "
        f"{view.station.device.access.interface}\n"
        f"     current outbound spi: 0x{outbound:X}({outbound})\n"
        f"     PFS (Y/N): {'Y' if suite.pfs else 'N'}, DH group: {group}\n\n"
        f"     inbound esp sas:\n{_sa(view, link, suite, inbound, tag)}\n"
        "     inbound ah sas:\n\n     inbound pcp sas:\n\n"
        f"     outbound esp sas:\n{_sa(view, link, suite, outbound, tag)}\n"
        "     outbound ah sas:\n\n     outbound pcp sas:\n"
    )


def _sa(view: View, link: Link, suite: Suite, spi: int, tag: str) -> str:
    left = _KEY_LIFE_S - int(view.now - view.since(link)) % _KEY_LIFE_S
    number = 2000 + spi % 100
    return (
        f"      spi: 0x{spi:X}({spi})\n        transform: {' '.join(suite.transform)} ,\n"
        f"        in use settings ={{{suite.mode.capitalize()}, }}\n"
        f"        conn id: {number}, flow_id: ESG:{number - 2000}, sibling_flags FFFFFFFF80004008, crypto map: {tag}\n"
        f"         sa timing: remaining key lifetime (k/sec): (4607990/{left})\n"
        "        IV size: 8 bytes\n        replay detection support: Y  replay window size: 1024\n"
        "        Status: ACTIVE(ACTIVE)\n"
    )


def session(view: View, link: Link) -> str:
    """One session as ``show dmvpn detail`` has it."""
    suite = link.suite
    left = _LIFE_S - int(view.now - view.since(link)) % _LIFE_S
    own, port = _local(view), _port(view)
    identity = suite.remote_id.partition(" ")[2] if suite else ""
    return (
        f"Interface: {link.interface}\nSession: [0x{_spi(view, link, 'session'):08X}]\n  Session ID: 1  \n"
        f"  IKEv2 SA: local {own}/{port} remote {link.peer_nbma}/{port} Active \n"
        f"          Capabilities:(none) connid:1 lifetime:{uptime(left)}\n"
        "  Crypto Session Status: UP-ACTIVE     \n"
        f"  fvrf: {_front(view, link) or '(none)'},\tPhase1_id: {identity}\n"
        f"  IPSEC FLOW: permit 47 host {own} host {link.peer_nbma} \n        Active SAs: 2, origin: crypto map\n"
        f"   Outbound SPI : 0x{_spi(view, link, 'out'):X}, transform : {' '.join(suite.transform) if suite else ''} \n"
    )


def _session_brief(view: View, link: Link) -> str:
    own, port = _local(view), _port(view)
    interface = view.station.interface(link.interface)
    profile = interface.tunnel.profile if interface and interface.tunnel else ""
    found = view.station.config.crypto.ipsec_profiles.get(profile)
    return (
        f"Interface: {link.interface}\nProfile: {found.ike_profile if found else ''}\n"
        f"Session status: UP-ACTIVE     \nPeer: {link.peer_nbma} port {port} \n  Session ID: 1  \n"
        f"  IKEv2 SA: local {own}/{port} remote {link.peer_nbma}/{port} Active \n"
        f"  IPSEC FLOW: permit 47 host {own} host {link.peer_nbma} \n        Active SAs: 2, origin: crypto map\n"
    )


def _session_detail(view: View, link: Link) -> str:
    own, port, active = _local(view), _port(view), view.now - view.since(link)
    interface = view.station.interface(link.interface)
    profile = interface.tunnel.profile if interface and interface.tunnel else ""
    found = view.station.config.crypto.ipsec_profiles.get(profile)
    identity = link.suite.remote_id.partition(" ")[2] if link.suite else ""
    packets = int(active * 2) + 4
    life = f"{4607990}/{_KEY_LIFE_S - int(active) % _KEY_LIFE_S}"
    return (
        f"Interface: {link.interface}\nProfile: {found.ike_profile if found else ''}\nUptime: {uptime(active)}\n"
        f"Session status: UP-ACTIVE     \n"
        f"Peer: {link.peer_nbma} port {port} fvrf: {_front(view, link) or '(none)'} "
        f"ivrf: {(interface.vrf if interface else '') or '(none)'}\n"
        f"      Phase1_id: {identity}\n      Desc: (none)\n  Session ID: 1  \n"
        f"  IKEv2 SA: local {own}/{port} remote {link.peer_nbma}/{port} Active \n"
        f"          Capabilities:DU connid:1 lifetime:{uptime(_LIFE_S - int(active) % _LIFE_S)}\n"
        f"  IPSEC FLOW: permit 47 host {own} host {link.peer_nbma} \n        Active SAs: 2, origin: crypto map\n"
        f"        Inbound:  #pkts dec'ed {packets} drop 0 life (KB/Sec) {life}\n"
        f"        Outbound: #pkts enc'ed {packets} drop 0 life (KB/Sec) {life}\n"
    )


def _errors(view: View) -> str:
    failed = [link for link in view.links if not view.up(link) and link.reason in _ERRORS]
    rows = "".join(
        f"\nError({number}): {_ERRORS[link.reason]}\n  -Peer {link.peer_nbma or link.peer_tunnel}: {link.reason}\n"
        for number, link in enumerate(failed, 1)
        if link.reason is not None
    )
    return f"Exit path table - status: enable, current entry {len(failed)}, deleted 0, max allow 50\n{rows}"
