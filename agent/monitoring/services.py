"""From a reading to what is watched of a router's services: which states of which tables are bad. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address

from agent.monitoring.conditions import Conditions, Item, Watched
from collectors.limits import LIMITS, SENSORS, exceeded
from collectors.reading import Reading, Row

#: States that are good; others are bad, but for those that say nothing.
GOOD_ENVIRONMENT = frozenset({"normal", "not present", "on", "up", "off: administratively", "ok"})
SAYS_NOTHING = frozenset({"unknown", "unavailable", "other", "busy"})
#: Tables of things with a state, of the two ways in which an environment is told.
ENVIRONMENT = ("temperatures", "fans", "supplies", "power_units", "fan_trays")


def conditions(told: Reading) -> Conditions:
    """What was read of what is watched; a kind whose table was not read is not there."""
    found: dict[Watched, Mapping[str, Item]] = {}
    if told.tables.get("nhrp_servers"):  # without any row the agent does not serve the table
        found[Watched.REGISTRATION] = {
            **{hub: _registration(row) for hub, row in told.tables["nhrp_servers"].items()},
            **{hub: Item(True, "the router does not know this hub") for hub in _missing(told, "nhrp_servers")},
        }
    if "standby" in told.tables:
        found[Watched.STANDBY] = {
            **{group: _takes_part(row) for group, row in told.tables["standby"].items()},
            **{group: Item(True, "the router has no such group") for group in _missing(told, "standby")},
        }
        found[Watched.STANDS_IN] = {group: _stands_in(row) for group, row in told.tables["standby"].items()}
    if "probes" in told.tables:
        targets = told.tables.get("probe_targets", {})
        found[Watched.PROBE] = {
            f"probe {number}": _probe(row, targets.get(number, {})) for number, row in told.tables["probes"].items()
        }
    if environment := {**_states(told), **_sensors(told)}:
        found[Watched.ENVIRONMENT] = environment
    return found


def _missing(told: Reading, table: str) -> Iterable[str]:
    return sorted(told.missing.get(table, ()))


def _registration(row: Row) -> Item:
    used = row.get("in_use")
    return Item(None if used is None else used == "no", f"the hub is {'in' if used == 'yes' else 'not in'} use")


def _takes_part(row: Row) -> Item:
    state = row.get("state")
    return Item(None if state is None else state not in ("standby", "active"), f"the group is in state {state}")


def _stands_in(row: Row) -> Item:
    state = row.get("state")
    return Item(None if state is None else state == "active", f"the group is in state {state}")


def _probe(row: Row, target: Row) -> Item:
    sense, address = row.get("sense"), str(target.get("target", ""))
    whom = f" to {IPv4Address(bytes.fromhex(address))}" if len(address) == 8 else ""
    bad = None if sense is None or sense in SAYS_NOTHING else sense != "ok"
    return Item(bad, f"the probe{whom} ended: {sense}")


def _states(told: Reading) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for table in ENVIRONMENT:
        for name, row in told.tables.get(table, {}).items():
            state = row.get("state")
            bad = None if state is None or state in SAYS_NOTHING else state not in GOOD_ENVIRONMENT
            warm = f" at {row['celsius']} °C" if "celsius" in row else ""
            found[name] = Item(bad, f"{name} is {state}{warm}")
    return found


def _sensors(told: Reading) -> dict[str, Item]:
    """Sensors that do not work or exceed one of their severe limits, in the sensor's own unit."""
    found: dict[str, Item] = {}
    limits = told.tables.get(LIMITS, {})
    for name, row in told.tables.get(SENSORS, {}).items():
        value = row.get("value")
        if row.get("status") in SAYS_NOTHING:
            found[name] = Item(None, f"{name} tells nothing")
        elif row.get("status") == "not operational":
            found[name] = Item(True, f"{name} does not work")
        elif isinstance(value, int):
            over = exceeded(name, value, limits)
            words = f", over its limit of {over['limit']}" if over else ""
            found[name] = Item(over is not None, f"{name} is at {value}{words}")
    return found
