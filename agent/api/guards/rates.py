"""How many requests an address or a token may send: token buckets, in bounded memory."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network, ip_address

from agent.api.guards.asgi import Application, Receive, Scope, Send
from agent.api.problems import Refusal
from inventory.settings import Rate

#: So many buckets are remembered; the one unused for longest is forgotten for a new one.
MOST_BUCKETS = 10_000


class Buckets:
    """A bucket for each key. Not for several threads: the event loop's alone. Time is an argument, in seconds."""

    def __init__(self, rate: Rate, most: int = MOST_BUCKETS) -> None:
        self._rate, self._most = rate, most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float) -> float:
        """Take one; 0 where there was one, else the seconds until there is."""
        level, since = self._levels.pop(key, (float(self._rate.burst), now))
        level = min(self._rate.burst, level + max(0.0, now - since) * self._rate.per_second)
        allowed = level >= 1
        self._levels[key] = (level - 1 if allowed else level, now)
        while len(self._levels) > self._most:
            self._levels.popitem(last=False)
        return 0.0 if allowed else (1 - level) / self._rate.per_second

    def __len__(self) -> int:
        return len(self._levels)


def refused(wait_s: float, what: str) -> Refusal:
    """The answer to one request too many."""
    seconds = max(1, math.ceil(wait_s))
    return Refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"{what} has sent too many requests",
        f"wait {seconds} s, then go on more slowly",
        headers={"Retry-After": str(seconds)},
    )


def address_of(scope: Scope) -> str:
    """Whom a request comes from: an IPv4 address, or the /64 network of an IPv6 one, which one subscriber has whole."""
    client = scope.get("client")
    if not client:
        return "unknown"
    try:
        address = ip_address(client[0])
    except ValueError:
        return str(client[0])
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Network((int(address), 64), strict=False))
    return str(address)


class AddressRate:
    """Refuses an address that sends too much, before anything else is looked at."""

    def __init__(self, app: Application, buckets: Buckets, monotonic: Callable[[], float]) -> None:
        self._app, self._buckets, self._monotonic = app, buckets, monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait_s = self._buckets.take(address_of(scope), self._monotonic())
        if wait_s:
            raise refused(wait_s, "this address")
        await self._app(scope, receive, send)
