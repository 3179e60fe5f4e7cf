"""What the agent itself is doing, asked once for all routers of a batch, and only where a decision needs it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cached_property

from agent.monitoring.ports import Work


class DoingsOf:
    """Answers for routers and sites of one batch, as things stand when it is first asked."""

    def __init__(self, work: Work, routers: Collection[str], sites: Collection[str]) -> None:
        self._work, self._routers, self._sites = work, routers, sites

    def running(self, router: str) -> bool:
        """Whether a change of ours holds the router now."""
        return router in self._running

    def changed(self, router: str, since: datetime, until: datetime) -> bool:
        """Whether we changed the router's configuration between the two moments."""
        return self._work.changed(router, since, until)

    def in_service(self, site: str) -> bool:
        """Whether the site has an operational service date."""
        return site in self._served

    @cached_property
    def _running(self) -> frozenset[str]:
        return self._work.running(self._routers)

    @cached_property
    def _served(self) -> frozenset[str]:
        return self._work.in_service(self._sites)
