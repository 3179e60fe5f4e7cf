"""``show crypto ikev2``: associations, statistics, and why negotiations failed."""

from __future__ import annotations

from ipaddress import IPv4Address

from agent.lab.journal.attempts import Failure, Spell
from agent.lab.net.ike import Suite
from agent.lab.net.reasons import Reason
from agent.lab.net.tunnels import Link, Role
from agent.lab.shows.common import View, stable

LIFE_S = 86_400
_SIGN = {"pre-share": "PSK", "rsa-sig": "RSA", "ecdsa-sig": "ECDSA"}
_HEAD = "Tunnel-id Local                 Remote                fvrf/ivrf            Status \n"
_RULE = "-" * 80
_NOTIFIED = {Failure.AUTHENTICATION: "AUTHENTICATION_FAILED", Failure.PROPOSAL: "NO_PROPOSAL_CHOSEN"}


def ikev2(view: View, words: list[str]) -> str | None:
    """Everything below ``show crypto ikev2``; ``words`` are what follows."""
    if words[:1] == ["sa"] and words[1:] in ([], ["detail"], ["detailed"]):
        return _sa(view, detailed=len(words) > 1)
    if words == ["diagnose", "error"]:
        return _errors(view)
    shown = {("stats",): _stats, ("stats", "exchange"): _exchanges, ("stats", "timeout"): _timeouts}.get(tuple(words))
    return shown(view) if shown else None


def live(view: View) -> list[Link]:
    """The router's links that are up and protected."""
    return [link for link in view.links if view.up(link) and link.suite is not None]


def profile_of(view: View, link: Link) -> str:
    """The IPsec profile that protects a link; "" without one."""
    interface = view.station.interface(link.interface)
    return interface.tunnel.profile if interface and interface.tunnel else ""


def associations(view: View) -> list[tuple[Link, Suite]]:
    """One IKE SA a peer and IPsec profile: tunnels that share a profile share it."""
    found: dict[tuple[IPv4Address | None, str], tuple[Link, Suite]] = {}
    for link in live(view):
        if link.suite is not None:
            found.setdefault((link.peer_nbma, profile_of(view, link)), (link, link.suite))
    return list(found.values())


def _sa(view: View, *, detailed: bool) -> str:
    rows = [_association(view, number, *one, detailed) for number, one in enumerate(associations(view), 1)]
    asking = [one for one in view.world.journal.negotiations.failing(view.router.name) if _asks(one)]
    rows += [_half_open(view, number, one) for number, one in enumerate(asking, len(rows) + 1)]
    return " IPv4 Crypto IKEv2  SA \n\n" + "\n".join(rows) + "\n IPv6 Crypto IKEv2  SA \n\n" if rows else ""


def _asks(spell: Spell) -> bool:
    """Whether the router waits for an answer: what is refused is gone at once."""
    return spell.failure is Failure.SILENCE


def _half_open(view: View, number: int, spell: Spell) -> str:
    spi = stable(view.router.name, spell.responder_address, spell.failed(view.now), octets=8)
    port = ike_port(view)
    return (
        f"{_HEAD}{number:<9} {f'{local(view)}/{port}':<21} {f'{spell.responder_address}/{port}':<21} "
        f"{'none/none':<20} IN-NEG \n"
        "      Encr: Unknown - 0, PRF: Unknown - 0, Hash: None, DH Grp:0, "
        "Auth sign: Unknown - 0, Auth verify: Unknown - 0\n"
        f"      Life/Active Time: {LIFE_S}/0 sec\n      CE id: 0, Session-id: 0\n"
        f"      Local spi: {spi:016X}       Remote spi: {0:016X}\n"
    )


def _association(view: View, number: int, link: Link, suite: Suite, detailed: bool) -> str:
    own, port = local(view), ike_port(view, link)
    inner = view.station.interface(link.interface)
    tables = f"{front(view, link) or 'none'}/{(inner.vrf if inner else '') or 'none'}"
    active = int(view.now - view.since(link)) % LIFE_S
    here, there = spi(view, link, "ike-local"), spi(view, link, "ike-remote")
    text = (
        f"{_HEAD}{number:<9} {f'{own}/{port}':<21} {f'{link.peer_nbma}/{port}':<21} {tables:<20} READY  \n"
        f"      Encr: {_cipher(suite.encryption)}, PRF: {suite.prf.upper()}, "
        f"Hash: {suite.integrity.upper() or 'None'}, DH Grp:{suite.group}, "
        f"Auth sign: {_SIGN.get(suite.sign, suite.sign)}, Auth verify: {_SIGN.get(suite.verify, suite.verify)}\n"
        f"      Life/Active Time: {LIFE_S}/{active} sec\n"
        f"      CE id: {1000 + number}, Session-id: {number}\n"
        f"      Local spi: {here:016X}       Remote spi: {there:016X}\n"
    )
    return text + (_details(view, link, suite) if detailed else "")


def _details(view: View, link: Link, suite: Suite) -> str:
    interval, retry, *_ = (*_dpd(view, link), "0", "0")
    return (
        "      Status Description: Negotiation done\n"
        f"      Local id: {suite.local_id.partition(' ')[2]}\n"
        f"      Remote id: {suite.remote_id.partition(' ')[2]}\n"
        "      Local req msg id:  2              Remote req msg id:  0         \n"
        "      Local next msg id: 2              Remote next msg id: 0         \n"
        "      Local req queued:  2              Remote req queued:  0         \n"
        "      Local window:      5              Remote window:      5         \n"
        f"      DPD configured for {interval} seconds, retry {retry}\n"
        "      Fragmentation not  configured.\n"
        "      Dynamic Route Update: enabled\n"
        "      Extended Authentication not configured.\n"
        f"      NAT-T is {_translation(view, link)}  \n"
        "      Cisco Trust Security SGT is disabled\n"
        f"      Initiator of SA : {'No' if link.role is Role.CLIENT else 'Yes'}\n"
        "      PEER TYPE: IOS-XE\n"
    )


def _translation(view: View, link: Link) -> str:
    if view.station.device.access.public:
        return "detected inside"
    return "not detected" if ike_port(view, link) == 500 else "detected outside"


def _dpd(view: View, link: Link) -> list[str]:
    """Interval and retry of dead-peer detection: of the IKEv2 profile, else of the router."""
    tree = view.router.running
    protection = view.station.config.crypto.ipsec_profiles.get(profile_of(view, link))
    section = tree.section(f"crypto ikev2 profile {protection.ike_profile}") if protection else None
    found = (section.value("dpd") if section else None) or tree.value("crypto ikev2 dpd") or ""
    return found.split()[:2]


def _cipher(name: str) -> str:
    """``aes-gcm-256`` as ``AES-GCM, keysize: 256``."""
    kind, _, size = name.rpartition("-")
    return f"{kind.upper()}, keysize: {size}"


def local(view: View) -> str:
    """The router's own address on the internet side."""
    wan = view.station.interface(view.station.device.access.interface)
    own = view.station.address(wan) if wan else None
    return str(own.ip if own else IPv4Address(0))


def ike_port(view: View, link: Link | None = None) -> int:
    """500, or 4500 where either end is behind address translation."""
    far = view.network.stations.get(link.peer) if link else None
    translated = view.station.device.access.public or (far and far.device.access.public)
    return 4500 if translated else 500


def front(view: View, link: Link) -> str:
    """The VRF of a link's front door; "" for the global table."""
    interface = view.station.interface(link.interface)
    return interface.tunnel.vrf if interface and interface.tunnel else ""


def spi(view: View, link: Link, what: str) -> int:
    """A security parameter index: another one after each negotiation."""
    return stable(view.router.name, *link.key, view.since(link), what, octets=8 if what.startswith("ike") else 4)


# --- statistics ---


def _failed(view: View, *, began: bool, failure: Failure) -> int:
    return view.world.journal.negotiations.failed(view.router.name, view.now)[began, failure]


def _refused(view: View, *, began: bool) -> int:
    kinds = (Failure.AUTHENTICATION, Failure.PROPOSAL)
    return sum(_failed(view, began=began, failure=failure) for failure in kinds)


def _stats(view: View) -> str:
    counts = view.world.journal.negotiations.counts(view.router.name)
    rows = associations(view)
    incoming = sum(link.role is Role.CLIENT for link, _ in rows)
    asking = sum(_asks(one) for one in view.world.journal.negotiations.failing(view.router.name))
    silent = _failed(view, began=True, failure=Failure.SILENCE)
    refused_in, refused_out = _refused(view, began=False), _refused(view, began=True)
    going = len(rows) - incoming
    asked_in, asked_out = counts.accepted + refused_in, counts.initiated + refused_out + silent + asking
    return (
        f"{_RULE}\n{'':26}Crypto IKEv2 SA Statistics\n{_RULE}\n"
        "System Resource Limit:   0        Max IKEv2 SAs: 0        Max in nego(in/out): 40/400\n"
        f"Total incoming IKEv2 SA Count:    {incoming:<8} active:        {incoming:<8} negotiating: {0:<6}\n"
        f"Total outgoing IKEv2 SA Count:    {going + asking:<8} active:        {going:<8} negotiating: {asking:<6}\n"
        f"Incoming IKEv2 Requests: {asked_in:<8} accepted:      {asked_in:<8} rejected:    {0:<8}\n"
        f"Outgoing IKEv2 Requests: {asked_out:<8} accepted:      {asked_out:<8} rejected:    {0:<8}\n"
        f"Rejected IKEv2 Requests: {0:<8} rsrc low:      {0:<8} SA limit:    {0:<8}\n"
        f"IKEv2 packets dropped at dispatch: {0:<8}\n"
        f"Incoming Requests dropped as LOW Q limit reached : {0:<8}\n"
        f"Incoming IKEV2 Cookie Challenged Requests: {0:<8}\n"
        f"    accepted: {0:<8} rejected: {0:<8} rejected no cookie: {0:<8}\n"
        f"Total Deleted sessions of Cert Revoked Peers: {0:<8}\n\n"
    )


def _exchanges(view: View) -> str:
    """Requests and responses, sent and received, with the errors that the ends told each other."""
    counts = view.world.journal.negotiations.counts(view.router.name)
    errors = _notified(view)
    refused_out, refused_in = _refused(view, began=True), _refused(view, began=False)
    asked = 6 * _failed(view, began=True, failure=Failure.SILENCE)
    got_out, got_in = counts.initiated + refused_out, counts.accepted + refused_in
    checks = sum(int(view.now - view.since(link)) // 30 for link, _ in associations(view))
    rows = [("IKE_SA_INIT", got_out + asked, got_in, got_in, got_out), ("IKE_AUTH", got_out, got_in, got_in, got_out)]
    rows.append(("INFORMATIONAL", checks, checks, checks, checks))
    other = [("INITIAL_CONTACT", got_out, 0, got_in, 0), ("DPD", checks, checks, checks, checks)]
    parts = [f"{'EXCHANGE/NOTIFY':<34}TX(REQ)    TX(RES)    RX(REQ)    RX(RES)\n"]
    for title, lines in (("EXCHANGES", rows), ("ERROR NOTIFY", errors), ("OTHER NOTIFY", other)):
        counted = [line for line in lines if any(line[1:])]
        parts.append(f"\n{title}\n\n" + "".join(_line(*line) for line in counted))
    return "".join(parts) + "\n"


def _notified(view: View) -> list[tuple[str, int, int, int, int]]:
    """Errors in requests and responses, sent and received: the end that rejects the other tells it so.

    The responder does it in its response; who began does it in a request of its own, after it saw the other's proof.
    """
    told = {"AUTHENTICATION_FAILED": [0, 0, 0, 0], "NO_PROPOSAL_CHOSEN": [0, 0, 0, 0]}
    for spell in view.world.journal.negotiations.spells(view.router.name):
        name = _NOTIFIED.get(spell.failure)
        began = spell.initiator == view.router.name
        late = spell.reason is Reason.PEER_CERTIFICATE_EXPIRED
        if name:
            told[name][(0 if began else 2) if late else (3 if began else 1)] += spell.failed(view.now)
    return [(name, sent, answered, got, heard) for name, (sent, answered, got, heard) in told.items()]


def _line(name: str, *numbers: int) -> str:
    return f"{name:<30}" + "".join(f"{number:>11}" for number in numbers) + "\n"


def _timeouts(view: View) -> str:
    silent = _failed(view, began=True, failure=Failure.SILENCE)
    lost = view.world.journal.negotiations.counts(view.router.name).lost
    rule = "-" * 41
    return (
        f"{rule}\nIKEV2 TIMER                     TIMED OUT\n{rule}\n"
        f"EXT SERVICE TIMER               {0:>9}\nAUTH TIMER                      {0:>9}\n"
        f"PACKET MAXIMUM RETRANS TIMER    {silent:>9}\nDPD MAX RETRANS TIMER           {lost:>9}\n"
    )


def _errors(view: View) -> str:
    """Kept only where ``crypto ikev2 diagnose error`` is configured; IOS names no peer here."""
    wanted = view.router.running.value("crypto ikev2 diagnose error")
    found = view.world.journal.errors(view.router, view.now) if wanted is not None else {}
    status = "disable" if wanted is None else "enable"
    rows = "".join(f"\nError({count}): {failure}\n" for failure, count in sorted(found.items()))
    most = wanted or "50"
    return f"Exit Path Table - status: {status}, current entry {len(found)}, deleted 0, max allow {most}\n{rows}\n"
