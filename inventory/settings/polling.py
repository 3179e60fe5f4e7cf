"""[schedules] and [thresholds] of spokesman.toml: when devices are polled, and when one counts as impaired."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inventory.fields import Model, Whole


class Schedules(Model):
    """The daemon's times, in seconds unless the name says otherwise; at most 300 s between polls [WV-10]."""

    poll_period_s: Annotated[Whole, Field(ge=2, le=240)] = 240
    poll_timeout_s: Annotated[float, Field(gt=0, le=10)] = 2.0
    poll_retries: Annotated[Whole, Field(ge=0, le=5)] = 2
    confirm_down_after: Annotated[Whole, Field(ge=2, le=3)] = 2
    confirm_told_s: Annotated[float, Field(ge=0.2, le=15)] = 0.5
    """Between the two polls that confirm what a router told itself; what comes back sooner raises no alarm."""
    reload_period_s: Annotated[Whole, Field(ge=2, le=3600)] = 60
    poll_workers: Annotated[Whole, Field(ge=1, le=64)] = 1
    """Processes that share the fleet's polls; with 1 the daemon polls itself. It counts when the daemon starts."""


class Thresholds(Model):
    """From when on a router that answers counts as impaired; an alarm needs more than one poll in any case."""

    loss_percent: Annotated[Whole, Field(ge=1, le=90)] = 5
    """Requests of the last polls that went unanswered, in percent."""
    slow_floor_ms: Annotated[Whole, Field(ge=20, le=10000)] = 300
    """Round trips below this are never slow."""
    slow_factor: Annotated[float, Field(ge=1.5, le=20)] = 3.0
    """How many times the router's own usual round trip is slow."""
    cpu_percent: Annotated[Whole, Field(ge=30, le=100)] = 90
    """Load of the processor over one and over five minutes."""
    session_check_s: Annotated[Whole, Field(ge=2, le=86400)] = 600
    """How often at most it is tried whether SSH greets, beside a poll."""
