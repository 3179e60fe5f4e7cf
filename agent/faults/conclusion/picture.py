"""The evidence on one router by question: True good, False bad, None where nobody could tell or two contradict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from agent.faults.evidence import Evidence, Fact, Finding, Probe

#: Echoes from which on a share of lost ones means something, and the shares in percent that say yes and no.
ENOUGH_ECHOES, LOSES_PERCENT, LOSES_NOT_PERCENT = 20, 5.0, 2.0

Wanted = Callable[[Evidence], bool]


@dataclass(frozen=True, slots=True)
class LinkPicture:
    """One VPN's tunnel to one far end. ``auth_failing``: IKE fails now because one end does not prove who it is.

    ``key`` names what IKE proves itself by: tunnels between the same two routers by the same key share an association.
    ``own_key`` and ``far_key``: whether the subject and the far end run with the intended pre-shared key.
    """

    vpn: str
    far: str
    far_is_hub: bool | None
    proof: str | None
    key: str | None
    tunnel: bool | None
    ike: bool | None
    auth_failing: bool
    own_key: bool | None
    far_key: bool | None
    certificate_refused: bool
    registered: bool | None
    peers_known: int | None
    peers_up: int
    far_session: bool | None
    far_up: bool | None
    wan: bool | None
    address_lost: bool
    far_losing: bool | None
    far_average_ms: float | None
    hub_losing: bool | None
    hub_slow: bool | None


class Picture:
    """What the evidence says of ``subject``; ``contradictions`` names questions with two answers."""

    def __init__(self, evidence: Iterable[Evidence], subject: str) -> None:
        self._all = tuple(evidence)
        self._subject = subject
        self.contradictions: list[str] = []
        self.managed = self._verdict("ping of the management address", lambda one: one.probe is Probe.PING_MANAGEMENT)
        self.session = self._verdict("session", lambda one: one.probe is Probe.SESSION and one.source == subject)
        self.snmp = self._verdict("SNMP", lambda one: one.probe is Probe.SNMP)
        self.greeting = self._fact(Probe.GREETING, "stage")
        self.rebooted = self._bool(Probe.UPTIME, "rebooted", "reboot")
        self.reboot_text = self._text(Probe.UPTIME)
        self.busy = self._busy()
        self.busy_text = self._text(Probe.PROCESSOR)
        polls_lose = self._bool(Probe.WATCHED, "losing", "loss", "self")
        pings = [one for one in self._all if one.probe is Probe.PING_MANAGEMENT]
        pings_lose = _losing(pings)
        self.losing = True if pings_lose else pings_lose if polls_lose is None else polls_lose
        self.slow = self._bool(Probe.WATCHED, "slow", "slowness", "self")
        told = self._text(Probe.PING_MANAGEMENT) if not polls_lose else self._fact(Probe.WATCHED, "loss", "self")
        self.loss_text = str(told or "polls lost packets")
        self.rise_ms = self._rise()
        self.others_seen = int(self._number("seen", "others") or 0)
        self.others_failing = int(self._number("failing", "others") or 0)
        self.customer_access = self._fact(Probe.INVENTORY, "provided_by", "access") == "cpa"
        self.modem = self._fact(Probe.INVENTORY, "nat", "access")
        self.is_hub = self._fact(Probe.INVENTORY, "is_hub", "access")
        self.links_expected = self._fact(Probe.INVENTORY, "links", "access")
        self.links = self._links()

    @property
    def reached(self) -> bool:
        """Whether the router itself answers anything from here now."""
        return bool(self.session or self.snmp or self.managed)

    @property
    def silent(self) -> bool:
        """Whether ping, and a session or SNMP, were tried from here and none of them was answered."""
        return self.managed is False and not self.reached and (self.session is False or self.snmp is False)

    @property
    def impaired(self) -> bool:
        """Whether it answers and not well, which a boot some minutes ago does not explain."""
        return bool(self.losing or self.slow or self.busy)

    def certificate(self, source: str) -> tuple[bool | None, str]:
        """Whether a router's own certificate holds now, and the words on it."""
        found = [one for one in self._all if one.probe is Probe.CERTIFICATES and one.source == source]
        valid = _one({one.facts.get("valid") for one in found if isinstance(one.facts.get("valid"), bool)})
        return (valid if isinstance(valid, bool) else None), next((_head(one.text) for one in found), "")

    def own_certificate(self) -> tuple[bool | None, str]:
        """The router's own."""
        return self.certificate(self._subject)

    def _links(self) -> tuple[LinkPicture, ...]:
        keys = {(one.item, far) for one in self._all if one.item and isinstance(far := one.facts.get("far"), str)}
        return tuple(self._link(vpn, far) for vpn, far in sorted(keys) if vpn not in ("hub", "self", "others"))

    def _link(self, vpn: str, far: str) -> LinkPicture:
        mine = [one for one in self._all if one.item == vpn and one.facts.get("far") == far]
        here = [one for one in mine if one.source == far]
        hub = [one for one in self._all if one.item == "hub" and one.facts.get("far") == far]
        sessions = [one for one in self._all if one.probe is Probe.SESSION and one.source == far]
        name = f"{vpn} to {far}: "
        table = [one for one in here if one.probe is Probe.DMVPN]
        known = self._given(name + "peers", table, "other_peers")
        return LinkPicture(
            vpn=vpn,
            far=far,
            far_is_hub=_bool(mine, Probe.INVENTORY, "far_is_hub"),
            proof=next((str(one.facts["proof"]) for one in mine if one.facts.get("proof")), None),
            key=next((str(one.facts["key"]) for one in mine if one.facts.get("key")), None),
            tunnel=self._tunnel(name, mine),
            ike=self._both(name + "IKE", [one for one in mine if one.probe is Probe.IKE]),
            auth_failing=self._auth_failing(far),
            own_key=self._key(name + "its key", mine, self._subject),
            far_key=self._key(f"{name}the key at {far}", mine, far),
            certificate_refused=any(one.facts.get("certificate") is True for one in mine),
            registered=self._verdict(name + "NHRP", lambda one: one in mine and one.probe is Probe.REGISTRATION),
            peers_known=known if isinstance(known, int) and not self._behind(table, mine) else None,
            peers_up=max((_int(one.facts.get("other_peers_up")) for one in table), default=0),
            far_session=self._verdict(f"session with {far}", lambda one: one in sessions),
            far_up=self._verdict(f"watch of {far}", lambda one: one in hub and one.probe is Probe.WATCHED),
            wan=self._wan(name, here),
            address_lost=any(one.facts.get("lost") is True for one in here),
            far_losing=_losing(one for one in here if one.probe is Probe.PING_WAN),
            far_average_ms=_average(here),
            hub_losing=_bool(hub, Probe.WATCHED, "losing"),
            hub_slow=_bool(hub, Probe.WATCHED, "slow"),
        )  # fmt: skip

    def _tunnel(self, name: str, mine: list[Evidence]) -> bool | None:
        """A ping through the tunnel decides: a row alone may show as up what is not any more, one that is down is."""
        ping = self._verdict(name + "ping", lambda one: one in mine and one.probe is Probe.PING_TUNNEL)
        down = any(one.probe is Probe.DMVPN and one.finding is Finding.BAD for one in mine)
        if ping and down:
            self.contradictions.append(f"{name}a ping passes, a table says down")
            return None
        return ping if ping is not None else (False if down else None)

    def _both(self, name: str, evidence: list[Evidence]) -> bool | None:
        """What needs both ends: one that has it not is enough, the other may only not have noticed yet."""
        told = {self._verdict(name, partial(_from, evidence, source)) for source in {one.source for one in evidence}}
        return False if False in told else (True if True in told else None)

    @staticmethod
    def _behind(table: list[Evidence], mine: list[Evidence]) -> bool:
        """Whether the far end's table shows as up what carries nothing: then it tells nothing of others either."""
        dead = any(one.probe is Probe.PING_TUNNEL and one.finding is Finding.BAD for one in mine)
        return dead and any(one.finding is Finding.GOOD for one in table)

    def _wan(self, name: str, here: list[Evidence]) -> bool | None:
        """Behind a modem that translates, an answer may be the modem's."""
        answers = self._verdict(name + "WAN", lambda one: one in here and one.probe is Probe.PING_WAN)
        return None if answers and self.modem is not False else answers

    def _auth_failing(self, far: str) -> bool:
        """Failures with this peer count from both ends; counters without a peer only at a router with few."""
        named = [one for one in self._all if one.probe is Probe.IKE_FAILURES and one.facts.get("far") == far]
        told = [
            self._given(f"IKE failures at {source}", (one for one in named if one.source == source), "auth_failed")
            for source in {one.source for one in named}
        ]
        counters = (one for one in self._all if one.probe is Probe.IKE_ERRORS and one.source == self._subject)
        counted = self._given("IKE errors", counters, "growing")
        return any(one is True for one in told) or (counted is True and self.is_hub is False)

    def _key(self, what: str, mine: list[Evidence], source: str) -> bool | None:
        return self._verdict(what, lambda one: one in mine and one.probe is Probe.KEYS and one.source == source)

    def _busy(self) -> bool | None:
        """The polls before and a look now must agree."""
        polls = self._bool(Probe.WATCHED, "busy", "load in polls", "self")
        now = self._bool(Probe.PROCESSOR, "busy", "load now")
        if polls is not None and now is not None and polls is not now:
            self.contradictions.append("the load of the processor: in the polls and now")
            return None
        return polls if now is None else now

    def _rise(self) -> float | None:
        took = self._number("round_trip_ms")
        usual = self._number("usual_ms")
        return None if took is None or usual is None else took - usual

    def _verdict(self, what: str, wanted: Wanted) -> bool | None:
        findings = {one.finding for one in self._all if wanted(one)} & {Finding.GOOD, Finding.BAD}
        if len(findings) > 1:
            self.contradictions.append(what)
        return Finding.GOOD in findings if len(findings) == 1 else None

    def _bool(self, probe: Probe, fact: str, what: str, item: str = "") -> bool | None:
        given = self._given(what, (one for one in self._all if one.probe is probe and one.item == item), fact)
        return given if isinstance(given, bool) else None

    def _given(self, what: str, evidence: Iterable[Evidence], fact: str) -> Fact:
        """The one value that all who tell it agree on."""
        values = {one.facts.get(fact) for one in evidence} - {None}
        if len(values) > 1:
            self.contradictions.append(what)
        return _one(values)

    def _fact(self, probe: Probe, fact: str, item: str = "") -> Fact:
        """The one value that is told; None where there are several."""
        return _one({one.facts.get(fact) for one in self._all if one.probe is probe and one.item == item} - {None})

    def _number(self, fact: str, item: str = "self") -> float | None:
        value = self._fact(Probe.WATCHED, fact, item)
        return float(value) if isinstance(value, int | float) else None

    def _text(self, probe: Probe) -> str:
        return next((_head(one.text) for one in self._all if one.probe is probe), "")


def _one(values: set[Fact]) -> Fact:
    return next(iter(values)) if len(values) == 1 else None


def _from(evidence: list[Evidence], source: str, one: Evidence) -> bool:
    return one.source == source and one in evidence


def _head(text: str) -> str:
    return text.partition("\n")[0]


def _int(value: Fact) -> int:
    return value if isinstance(value, int) else 0


def _bool(evidence: Iterable[Evidence], probe: Probe, fact: str) -> bool | None:
    value = _one({one.facts.get(fact) for one in evidence if one.probe is probe} - {None})
    return value if isinstance(value, bool) else None


def _losing(evidence: Iterable[Evidence]) -> bool | None:
    """Whether pings lose some; a few echoes, or none that come back, do not tell."""
    sent = received = 0
    for one in evidence:
        sent, received = sent + _int(one.facts.get("sent")), received + _int(one.facts.get("received"))
    if sent < ENOUGH_ECHOES or received == 0:
        return None
    lost = 100 * (sent - received) / sent
    return True if lost >= LOSES_PERCENT else False if lost < LOSES_NOT_PERCENT else None


def _average(evidence: Iterable[Evidence]) -> float | None:
    times = [one.facts.get("average_ms") for one in evidence if one.probe is Probe.PING_WAN]
    return next((float(time) for time in times if isinstance(time, int | float)), None)
