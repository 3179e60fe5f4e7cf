"""Polls routers: finds their rows once, then reads them by one GET, and finds them again when they may have moved."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from collectors import router
from collectors.profiles import Profile, load, told
from collectors.profiles.load import Idle
from collectors.router import Rows
from collectors.sample import RouterSample
from collectors.snmp import Answer, SnmpClient, Target
from collectors.stream import as_they_come

#: IPsec tunnels of a router whose peers are read; one that has more is a hub, and tells them elsewhere.
MOST_PEERS = 64


@dataclass(frozen=True, slots=True)
class RouterRequest:
    """A router to poll; ``interfaces`` are the full names to read (``GigabitEthernet0/0/0``), None means all.

    Name what is needed: five interfaces fit one packet. With ``peers`` the remote ends of IPsec tunnels are read as
    well, by a further packet; for routers that have few. ``profile`` says what its kind of agent has.
    """

    router: str
    target: Target
    profile: Profile
    interfaces: frozenset[str] | None = None
    peers: bool = False


@dataclass(frozen=True, slots=True)
class _Memory:
    target: Target
    profile: Profile
    rows: Rows
    sample: RouterSample
    idles: tuple[Idle, ...]


class RouterPoller:
    """Remembers the rows of each router between polls; ``clock`` gives the moment a poll began, in UTC and aware."""

    def __init__(self, client: SnmpClient, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._memories: dict[str, _Memory] = {}

    async def read(self, request: RouterRequest) -> RouterSample:
        """Poll one router; whatever the network does, there is a sample."""
        sample = await self._read(request)
        profile, ask = request.profile, self._client.bulk
        if sample.failure is None and profile.lines is not None:
            walk = await ask(request.target, (profile.lines,), repetitions=told.IN_A_PACKET, max_rows=told.MOST_LINES)
            sample = told.with_told(sample, profile.lines, walk, request.interfaces)
        if sample.failure is None and request.peers and profile.far_ends is not None:
            walk = await ask(request.target, (profile.far_ends,), max_rows=MOST_PEERS)
            sample = router.with_peers(sample, profile.far_ends, walk)
        return sample

    async def _read(self, request: RouterRequest) -> RouterSample:
        at, memory = self._clock(), self._memory(request)
        if memory is not None:
            answer = await self._get(request, memory.rows)
            if answer.failure is not None:
                return router.failed(request.router, at, answer)
            if not router.outdated(request.profile, memory.rows, memory.sample, answer.values):
                return self._remember(request, at, answer, memory.rows)
        return await self._find_and_read(request, at)

    async def poll(self, requests: Iterable[RouterRequest]) -> AsyncGenerator[RouterSample, None]:
        """Poll all at once; the samples come as the routers answer."""
        async with aclosing(as_they_come(self.read(request) for request in requests)) as samples:
            async for sample in samples:
                yield sample

    async def _find_and_read(self, request: RouterRequest, at: datetime) -> RouterSample:
        walk = await self._client.bulk(request.target, router.discovery(request.profile))
        if walk.failure is not None:
            return router.failed(request.router, at, walk)
        rows = router.find_rows(request.profile, walk.values)
        answer = await self._get(request, rows)
        if answer.failure is not None:
            return router.failed(request.router, at, answer)
        return self._remember(request, at, answer, rows)

    async def _get(self, request: RouterRequest, rows: Rows) -> Answer:
        return await self._client.get(request.target, router.instances(request.profile, rows, request.interfaces))

    def _memory(self, request: RouterRequest) -> _Memory | None:
        """What is remembered of the same router, asked in the same way."""
        memory = self._memories.get(request.router)
        same = memory is not None and memory.target == request.target and memory.profile == request.profile
        return memory if same else None

    def _remember(self, request: RouterRequest, at: datetime, answer: Answer, rows: Rows) -> RouterSample:
        memory = self._memory(request)
        idles = memory.idles if memory is not None else ()
        sample = router.decode(request.profile, request.router, at, answer, rows)
        sample = load.averaged(idles, sample)
        kept = load.remembered(idles, sample)
        self._memories[request.router] = _Memory(request.target, request.profile, rows, sample, kept)
        return sample
