"""What routers log about peers whose certificates have expired: the end that checks says so, at every try."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from agent.lab.box.log import Message
from agent.lab.journal.attempts import Spell
from agent.lab.net.reasons import Reason
from agent.lab.pki.client import trustpoints
from agent.lab.router import VirtualRouter

_Key = tuple[str, str, float]


class ExpiryTalk:
    """Remembers which certificate a spell of failure was about: it may be replaced meanwhile."""

    def __init__(self) -> None:
        self._said: dict[_Key, str] = {}

    def take(self, spells: Iterable[Spell], routers: Mapping[str, VirtualRouter]) -> None:
        """Note the certificates of spells that are new."""
        for spell in spells:
            guilty = _ends(spell)[1]
            if guilty and _key(spell) not in self._said:
                self._said[_key(spell)] = _text(routers[guilty], spell.since)

    def messages(self, router: str, spells: Iterable[Spell], now: float) -> Iterator[Message]:
        """What ``router`` has logged."""
        for spell in spells:
            if _ends(spell)[0] == router and self._said.get(_key(spell)):
                yield from (Message(at, self._said[_key(spell)]) for _, at in spell.moments(now))


def _ends(spell: Spell) -> tuple[str, str]:
    """Who notices, and whose certificate it is; two empty names where it is not about one that expired."""
    if spell.reason is Reason.CERTIFICATE_EXPIRED:
        return spell.responder, spell.initiator
    return (spell.initiator, spell.responder) if spell.reason is Reason.PEER_CERTIFICATE_EXPIRED else ("", "")


def _key(spell: Spell) -> _Key:
    return spell.initiator, spell.responder_address, spell.since


def _text(router: VirtualRouter, now: float) -> str:
    held = (one.own for one in trustpoints(router).values())
    ended = next((one for one in held if one is not None and one.ends <= now), None)
    if ended is None:
        return ""
    moment = datetime.fromtimestamp(ended.ends, UTC)
    return (
        "%PKI-3-CERTIFICATE_INVALID_EXPIRED: Certificate chain validation has failed.  "
        f"The certificate (SN: {ended.serial}) has expired.    "
        f"Validity period ended on {moment:%Y-%m-%dT%H:%M:%SZ}"
    )
