"""What is asked of a device in a poll, as a script, and what the poll brought."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from collectors.codec.pdu import Request
from collectors.codec.values import Flat
from collectors.snmp import Failure
from collectors.snmp.reading import Columns, Instances, Problem

if TYPE_CHECKING:
    from collectors.engine.device import Device

Found = TypeVar("Found")

#: Yields what to read next, and is sent None when it is read, or why it could not be; returns what it makes of it all.
Script = Generator[Instances | Columns, Problem | None, Found]

#: Objects that a device may refuse in one poll before it fails.
MOST_REFUSALS: Final = 8


class Polled(NamedTuple, Generic[Found]):
    """``found`` is what the script returned. ``began`` is Unix time.

    ``requests`` were answered, ``lost`` tries before them were not; ``round_trip_s`` is the last packet's.
    """

    device: Device
    began: float
    found: Found
    round_trip_s: float | None = None
    requests: int = 0
    lost: int = 0


class Values(NamedTuple):
    """Instances, flat, in the order of what was asked; with a ``failure`` there are none and ``detail`` says more.

    ``kinds`` are the tags (``collectors.codec.values``); one that the device refuses to tell has ``REFUSED``.
    """

    kinds: bytes | bytearray = b""
    values: Sequence[Flat] = ()
    failure: Failure | None = None
    detail: str = ""


def instances(packets: tuple[Request, ...]) -> Generator[Instances, Problem | None, Values]:
    """The script that reads the objects of ``packets`` and nothing else."""
    reading = Instances(packets, MOST_REFUSALS)
    problem = yield reading
    if problem is not None:
        return Values(b"", (), problem.failure, problem.detail)
    return Values(reading.kinds, reading.values)


#: A script of any kind.
AnyScript = Script[Any]
