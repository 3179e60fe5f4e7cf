"""One device that may send traps: what it proves itself with, what is known of its engines, how much it may send."""

from __future__ import annotations

from collectors.hearing import Allowance
from collectors.security.known import KnownEngine
from collectors.security.usm import KeyChain
from collectors.security.v3message import Engine
from collectors.snmp import Community, V3User

#: Traps that a device may send in a second on the long run, and at once.
PER_SECOND, BURST = 2.0, 20.0
#: Datagrams from a device's address that are judged, in the same way: more than its traps, because not every one is
#: its own. Who forges its address cannot use up what it may send itself, and cannot keep this process busy either.
JUDGED_PER_SECOND, JUDGED_BURST = 50.0, 200.0
#: Engines that a device was not known to have, in the same way: making keys for one can take a megabyte of hashing.
STRANGE_PER_SECOND, STRANGE_BURST = 1.0, 10.0
#: Engines that are remembered of a device; one that restarts its agent keeps its own, a replaced router has another.
MOST_ENGINES = 4


class Sender:
    """A device under one set of credentials; time is an argument, in seconds on one clock.

    ``judged`` is how many datagrams from its address are looked at, ``strange`` for how many engines not known yet
    keys are made, ``believed`` how many traps are taken of it.
    """

    __slots__ = ("_engines", "believed", "credentials", "device", "judged", "strange")

    def __init__(self, device: str, credentials: Community | V3User) -> None:
        self.device = device
        self.credentials = credentials
        self._engines: dict[bytes, KnownEngine] = {}
        self.judged = Allowance(JUDGED_PER_SECOND, JUDGED_BURST)
        self.strange = Allowance(STRANGE_PER_SECOND, STRANGE_BURST)
        self.believed = Allowance(PER_SECOND, BURST)

    def knows(self, engine: Engine) -> bool:
        """Whether it has proved before that the engine is its own."""
        return engine.identity in self._engines

    def engine(self, user: V3User, heard: Engine, chain: KeyChain, now: float) -> KnownEngine:
        """What is known of an engine of the device; it is not remembered before it has authenticated itself."""
        known = self._engines.get(heard.identity)
        if known is not None:
            return known
        keys = chain.localise(user, heard.identity)
        return KnownEngine(heard, keys, now)

    def remember(self, known: KnownEngine, heard: Engine, now: float) -> None:
        """An engine has authenticated itself in the window: its clock goes on from there."""
        known.follow(heard.boots, heard.time, now)
        self._keep(known)

    def learn(self, engine: Engine, chain: KeyChain, now: float) -> None:
        """A poll, which nobody can replay, has told the device's engine and its clock: it may even go back."""
        if isinstance(self.credentials, V3User):
            known = self.engine(self.credentials, engine, chain, now)
            known.set(engine.boots, engine.time, now)
            self._keep(known)

    def _keep(self, known: KnownEngine) -> None:
        self._engines.pop(known.identity, None)
        self._engines[known.identity] = known
        while len(self._engines) > MOST_ENGINES:
            del self._engines[next(iter(self._engines))]
