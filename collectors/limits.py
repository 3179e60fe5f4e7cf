"""The limits of sensors: which of their values are above one. Pure.

Limits that count are severe and upper ones: a value that is too low is as often that of something not plugged in.
"""

from __future__ import annotations

from collections.abc import Mapping

from collectors.reading import Row

#: The tables of sensors and of their limits, by the sensor's name and their number; the column of what one measures.
SENSORS, LIMITS, VALUE = "sensors", "sensor_limits", "value"
SEVERE = frozenset({"major", "critical"})
#: By a limit's relation, what is added to the limit for the largest value that does not exceed it.
_ALLOWED: Mapping[str, int] = {">": 0, ">=": -1}


def allowed(limit: Row) -> int | None:
    """The largest value within a limit; None where any is, or it is a limit that does not count."""
    bound, beyond = limit.get("limit"), _ALLOWED.get(str(limit.get("relation")))
    if beyond is None or not isinstance(bound, int) or limit.get("severity") not in SEVERE:
        return None
    return bound + beyond


def exceeded(sensor: str, value: int, limits: Mapping[str, Row]) -> Row | None:
    """The first of a sensor's limits that ``value`` is above."""
    for key, limit in limits.items():
        if key.rpartition(" ")[0] == sensor and (most := allowed(limit)) is not None and value > most:
            return limit
    return None


def highest(limits: Mapping[str, Row]) -> dict[str, int]:
    """By sensor, the largest value within all of its limits; one without limits is not there."""
    found: dict[str, int] = {}
    for key, limit in limits.items():
        sensor, most = key.rpartition(" ")[0], allowed(limit)
        if most is not None:
            found[sensor] = min(found.get(sensor, most), most)
    return found
