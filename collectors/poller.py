"""Polls routers: finds their rows once, then reads them by one GET, and finds them again when they may have moved."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from collectors import oids, router
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
    well, by a further packet; for routers that have few.
    """

    router: str
    target: Target
    interfaces: frozenset[str] | None = None
    peers: bool = False


@dataclass(frozen=True, slots=True)
class _Memory:
    target: Target
    rows: Rows
    sample: RouterSample


class RouterPoller:
    """Remembers the rows of each router between polls; ``clock`` gives the moment a poll began, in UTC and aware."""

    def __init__(self, client: SnmpClient, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._memories: dict[str, _Memory] = {}

    async def read(self, request: RouterRequest) -> RouterSample:
        """Poll one router; whatever the network does, there is a sample."""
        sample = await self._read(request)
        if not request.peers or sample.failure is not None:
            return sample
        walk = await self._client.bulk(request.target, (oids.IPSEC_REMOTE,), max_rows=MOST_PEERS)
        return router.with_peers(sample, walk)

    async def _read(self, request: RouterRequest) -> RouterSample:
        at = self._clock()
        memory = self._memories.get(request.router)
        if memory is not None and memory.target == request.target:
            answer = await self._get(request, memory.rows)
            if answer.failure is not None:
                return router.failed(request.router, at, answer)
            if not router.outdated(memory.rows, memory.sample, answer.values):
                return self._remember(request, at, answer, memory.rows)
        return await self._find_and_read(request, at)

    async def poll(self, requests: Iterable[RouterRequest]) -> AsyncGenerator[RouterSample, None]:
        """Poll all at once; the samples come as the routers answer."""
        async with aclosing(as_they_come(self.read(request) for request in requests)) as samples:
            async for sample in samples:
                yield sample

    async def _find_and_read(self, request: RouterRequest, at: datetime) -> RouterSample:
        walk = await self._client.bulk(request.target, router.DISCOVERY)
        if walk.failure is not None:
            return router.failed(request.router, at, walk)
        rows = router.find_rows(walk.values)
        answer = await self._get(request, rows)
        if answer.failure is not None:
            return router.failed(request.router, at, answer)
        return self._remember(request, at, answer, rows)

    async def _get(self, request: RouterRequest, rows: Rows) -> Answer:
        return await self._client.get(request.target, router.instances(rows, request.interfaces))

    def _remember(self, request: RouterRequest, at: datetime, answer: Answer, rows: Rows) -> RouterSample:
        sample = router.decode(request.router, at, answer, rows)
        self._memories[request.router] = _Memory(request.target, rows, sample)
        return sample
