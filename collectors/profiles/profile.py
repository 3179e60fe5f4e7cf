"""What is read of one kind of SNMP agent: the objects as data, and how its own ones are understood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from collectors.snmp import Oid
from collectors.typed import Reader


@dataclass(frozen=True, slots=True)
class Own:
    """What an agent tells in objects that not all have; None where it does not.

    ``idle_ticks`` is the time that all processors together were idle, in hundredths of a second modulo 2**32.
    """

    serial: str | None = None
    config_changed_s: float | None = None
    config_saved_s: float | None = None
    startup_changed_s: float | None = None
    cpu_1_min_percent: int | None = None
    cpu_5_min_percent: int | None = None
    idle_ticks: int | None = None
    memory_used_kb: int | None = None
    memory_free_kb: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """The objects to read of one kind of agent.

    ``interface_name`` is the column that names interfaces as configurations do; ``uptime`` the router's, under the name
    ``uptime_name``; ``processor`` a column with a row for each processor, of which ``processor_columns`` are read.
    ``far_ends`` is a column of the remote addresses of IPsec tunnels, ``lines`` one of lines that the router's own
    program writes (``collectors.profiles.told``); None where the agent has no such column.
    """

    interface_name: Oid
    uptime: Oid
    uptime_name: str
    scalars: tuple[Oid, ...]
    processor: Oid
    processor_columns: tuple[Oid, ...]
    own: Callable[[Reader, tuple[int, ...]], Own]
    far_ends: Oid | None = None
    lines: Oid | None = None
