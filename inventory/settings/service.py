"""What spokesman.toml says of the service itself: its store, its listeners, who may do what, and requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inventory.fields import Address, Flag, Form, Line, Model, SecretRef, Whole


class Store(Model):
    """Where history is kept, and where the archive's master key is read from."""

    url: str | None = None
    """A database URL; SQLite under var/ where absent."""
    polls_days: Annotated[Whole, Field(ge=1, le=366)] = 14
    """How many days every poll of a router is kept."""
    hours_days: Annotated[Whole, Field(ge=31, le=3660)] = 397
    """How many days what each hour came to is kept; what each day came to is kept for ever."""
    master_key: SecretRef
    """Seals the archive; kept outside of var/."""


class Access(Model):
    """Who of this machine's users may do what is guarded: see secrets in archived configurations."""

    show_secrets: tuple[str, ...] = ()
    """Login names that may see secrets of archived configurations."""


class Daemon(Model):
    """Where the daemon serves /metrics, and how much of it."""

    listen: str = "127.0.0.1"
    port: Annotated[Whole, Field(ge=0, le=65535)] = 9464
    router_series: Annotated[Whole, Field(ge=0, le=20_000)] = 2_000
    """Each router has series of its own in fleets of at most so many; a larger one is only counted."""


class Traps(Model):
    """Where the daemon receives SNMP traps of the managed routers."""

    listen: Address | None = None
    """An address of this machine, 0.0.0.0 for all; absent: no traps are received."""
    port: Annotated[Whole, Field(ge=0, le=65535)] = 162


class Syslog(Model):
    """Where the daemon receives the syslog of the managed routers."""

    listen: Address | None = None
    """An address of this machine, 0.0.0.0 for all; absent: no syslog is received."""
    port: Annotated[Whole, Field(ge=0, le=65535)] = 514


class RequestSettings(Model):
    """Simple service requests: which kinds wait for a person, and when they are applied [WV-22]."""

    approval: dict[Annotated[str, Form(r"^[a-z][a-z0-9_]{0,40}$", "a kind of request")], Flag] = Field(
        default_factory=dict
    )
    """By kind, in place of what the catalogue says."""
    window: Line | None = None
    """The provider's hours for changes, in the customer's time zone, such as Mon-Fri 08:00-18:00; absent: any time."""
    commit: Flag = True
    """Whether the file of requests is committed where the workspace is a git repository."""
