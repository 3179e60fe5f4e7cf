"""Intervals between two polls of a router that are longer than they may be, each with its reason. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from agent.monitoring.cycle.ports import Reason, Trouble
from agent.monitoring.schedule import LIMIT_S

#: Where several reasons would do, the first: what stands behind the others.
PRECEDENCE = (
    Reason.NOT_RUNNING,
    Reason.SUSPENDED,
    Reason.WORKER_DIED,
    Reason.HELD_UP,
    Reason.NOT_ASKED,
    Reason.NOT_KEPT,
    Reason.WINDOW_FULL,
)


class Gap(NamedTuple):
    """A router was not polled for ``seconds``, between two moments in Unix seconds; clocks may have been set since.

    ``detail`` says more of the reason where more is known.
    """

    router: str
    began: float
    ended: float
    seconds: float
    reason: Reason
    detail: str = ""


def words(reason: Reason, detail: str) -> str:
    """A reason with what more is known of it."""
    return f"{reason}: {detail}" if detail else str(reason)


def explain(since: float, until: float, troubles: Iterable[Trouble]) -> Reason:
    """Why nothing was polled between two moments of the steady clock: what took at least half of the time too much."""
    shares: dict[Reason, float] = {}
    for trouble in troubles:
        share = min(until, trouble.until) - max(since, trouble.since)
        if share > 0:
            shares[trouble.reason] = shares.get(trouble.reason, 0.0) + share
    needed = (until - since - LIMIT_S) / 2
    for reason in PRECEDENCE:
        if shares.get(reason, 0.0) >= max(needed, 0.001):
            return reason
    return max(shares, key=lambda reason: shares[reason], default=Reason.UNKNOWN)
