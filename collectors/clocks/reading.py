"""What an answer tells of a server's clock, beside ours: the offset, and how far it may be wrong. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from enum import StrEnum

#: Time zones differ from each other by multiples of this, in seconds.
ZONE_STEP_S = 900
#: HTTP.sys renews the Date that it sends about once a second; what it sends may be that old.
HTTP_AGE_S = 1.0
#: A local time this close to another zone's is taken for that zone's, in seconds.
ZONE_DOUBT_S = 120.0


class Source(StrEnum):
    """Where a server's time was read, the best first."""

    SNTP = "SNTP"
    HTTP = "HTTP Date"
    SNMP = "SNMP hrSystemDate"
    SNMP_LOCAL = "SNMP hrSystemDate, local time"


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A server's clock minus this machine's, in seconds: surely within ``offset_s`` ± ``within_s``."""

    source: Source
    offset_s: float
    within_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """When a question went out and its answer came, on this machine's clock, aware."""

    sent: datetime
    received: datetime

    @property
    def middle(self) -> datetime:
        return self.sent + (self.received - self.sent) / 2

    @property
    def half_s(self) -> float:
        """Half of the round trip, never negative though a clock may be set back meanwhile."""
        return max(0.0, (self.received - self.sent).total_seconds()) / 2


def from_http(date: str, asked: Asked) -> ClockReading | None:
    """HTTP's Date: always UTC, in whole seconds; None where it cannot be read."""
    try:
        found = parsedate_to_datetime(date)
        moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        offset = (moment - asked.middle).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    # The second may be just begun or nearly over, and the text up to HTTP_AGE_S old.
    return ClockReading(Source.HTTP, offset + (1 + HTTP_AGE_S) / 2, (1 + HTTP_AGE_S) / 2 + asked.half_s)


def from_snmp(octets: bytes, asked: Asked, zone: tzinfo) -> ClockReading | None:
    """DateAndTime (RFC 2579); None where it cannot be read or its zone is in doubt.

    Windows gives eight octets: local time that names no zone. It is read in ``zone``; where it then is near another
    zone's time, the zone may be what differs, and the clock tells nothing.
    """
    moment = _date_and_time(octets, zone)
    if moment is None:
        return None
    offset = (moment - asked.middle).total_seconds()
    if len(octets) == 11:
        return ClockReading(Source.SNMP, offset + 0.5, 0.5 + asked.half_s)
    steps = round(offset / ZONE_STEP_S)
    if steps and abs(offset - steps * ZONE_STEP_S) < ZONE_DOUBT_S:
        return None
    return ClockReading(Source.SNMP_LOCAL, offset + 0.5, 0.5 + asked.half_s)


def _date_and_time(octets: bytes, zone: tzinfo) -> datetime | None:
    if len(octets) not in (8, 11):
        return None
    year, month, day, hour, minute, second, tenths = struct.unpack(">H6B", octets[:8])
    try:
        # 60 is a leap second. Tenths are not counted on: Windows puts none there, or what it likes.
        local = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
        if len(octets) == 11:
            direction, hours, minutes = chr(octets[8]), octets[9], octets[10]
            if direction not in "+-" or hours > 14 or minutes > 59 or tenths > 9:
                return None
            away = timedelta(hours=hours, minutes=minutes)
            return local.replace(tzinfo=UTC) - (away if direction == "+" else -away)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
