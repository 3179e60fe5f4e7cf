"""How warm a router is, its fan and its power: by CISCO-ENVMON-MIB on IOS, by CISCO-ENTITY-SENSOR-MIB on IOS-XE.

The processor warms the box: the temperature follows its load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.lab.shows.common import View
from agent.lab.snmp.ber import Oid, Value
from agent.lab.snmp.values import gauge, number, text

Row = tuple[Oid, Callable[[], Value]]

_CISCO: Oid = (1, 3, 6, 1, 4, 1, 9, 9)
_ENTITY: Oid = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
_SENSOR, _SUPPLY, _FAN = 1010, 1020, 1030  # entPhysicalIndex, and the index in CISCO-ENVMON-MIB
_NAMES = {_SENSOR: "Temp: CPU 0/0", _SUPPLY: "Power Supply Module 0", _FAN: "Fan Tray 0"}
_CLASSES = {_SENSOR: 8, _SUPPLY: 6, _FAN: 7}  # entPhysicalClass
_CELSIUS, _UNITS, _GREATER = 8, 9, 4  # EntitySensorDataType, EntitySensorDataScale, entSensorThresholdRelation
_MAJOR, _CRITICAL = 20, 30  # entSensorThresholdSeverity
#: Degrees of an idle router, what a full load adds, and from where on it is too warm.
_IDLE, _LOADED, _TOO_WARM, _FAR_TOO_WARM = 38, 20, 75, 90
_NORMAL, _WARNING, _CRITICAL_STATE, _OK, _ON, _UP, _TRUE, _FALSE = 1, 2, 3, 1, 2, 2, 1, 2


def rows(look: Callable[[], View]) -> Iterator[Row]:
    """Every instance."""
    if look().router.model.system == "ios":
        yield from _monitor(look)
    else:
        yield from _sensors(look)


def _degrees(look: Callable[[], View]) -> int:
    view = look()
    return _IDLE + round(view.world.trouble.load(view.router).averages(view.now)[1] * _LOADED / 100)


def _monitor(look: Callable[[], View]) -> Iterator[Row]:
    def state() -> int:
        degrees = _degrees(look)
        return _CRITICAL_STATE if degrees >= _FAR_TOO_WARM else _WARNING if degrees >= _TOO_WARM else _NORMAL

    def described() -> Value:
        colour = {_NORMAL: "GREEN", _WARNING: "YELLOW"}.get(state(), "RED")
        return text(f"{_NAMES[_SENSOR]}, {colour}")

    yield (*_CISCO, 13, 1, 3, 1, 2, _SENSOR), described
    yield (*_CISCO, 13, 1, 3, 1, 3, _SENSOR), lambda: gauge(_degrees(look))
    yield (*_CISCO, 13, 1, 3, 1, 4, _SENSOR), _always(number(_TOO_WARM))
    yield (*_CISCO, 13, 1, 3, 1, 6, _SENSOR), lambda: number(state())
    for table, index in ((4, _FAN), (5, _SUPPLY)):
        yield (*_CISCO, 13, 1, table, 1, 2, index), _always(text(f"{_NAMES[index]}, Normal"))
        yield (*_CISCO, 13, 1, table, 1, 3, index), _always(number(_NORMAL))


def _sensors(look: Callable[[], View]) -> Iterator[Row]:
    for index, name in _NAMES.items():
        yield (*_ENTITY, 5, index), _always(number(_CLASSES[index]))
        yield (*_ENTITY, 7, index), _always(text(name))
    sensor = (*_CISCO, 91, 1, 1, 1, 1)
    for column, value in ((1, _CELSIUS), (2, _UNITS), (3, 0), (5, _OK)):
        yield (*sensor, column, _SENSOR), _always(number(value))
    yield (*sensor, 4, _SENSOR), lambda: number(_degrees(look))
    for place, severity, limit in ((1, _MAJOR, _TOO_WARM), (2, _CRITICAL, _FAR_TOO_WARM)):
        threshold = (*_CISCO, 91, 1, 2, 1, 1)
        for column, value in ((2, severity), (3, _GREATER), (4, limit)):
            yield (*threshold, column, _SENSOR, place), _always(number(value))
        yield (*threshold, 5, _SENSOR, place), _exceeded(look, limit)
    yield (*_CISCO, 117, 1, 1, 2, 1, 2, _SUPPLY), _always(number(_ON))
    yield (*_CISCO, 117, 1, 4, 1, 1, 1, _FAN), _always(number(_UP))


def _exceeded(look: Callable[[], View], limit: int) -> Callable[[], Value]:
    return lambda: number(_TRUE if _degrees(look) >= limit else _FALSE)


def _always(value: Value) -> Callable[[], Value]:
    return lambda: value
