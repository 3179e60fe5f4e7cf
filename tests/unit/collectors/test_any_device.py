"""Whatever a device answers, at whatever places, is a reading and conditions: nothing raises, nothing is made up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.monitoring.services import conditions
from collectors.answers import columns
from collectors.modules import modules_of
from collectors.rows import discovery
from collectors.snmp import Oid, Value
from tests.unit.collectors.collected import collected
from tests.unit.collectors.test_poller import ANY_VALUE

pytestmark = pytest.mark.property

MODULES = modules_of("cisco")
NAMES = [
    *(one.oid for module in MODULES for one in module.scalars),
    *((*column, index) for walk in discovery(MODULES) for column in walk for index in (1, 2)),
    *((*oid, index) for module in MODULES for table in module.tables for oid in columns(table) for index in (1, 2)),
    *((*oid, 1, 2) for module in MODULES for table in module.tables for oid in columns(table)),
]
#: Values as they should be, by chance, so that rows are found.
LIKELY = st.one_of(ANY_VALUE, st.sampled_from([b"Vlan1", b"Vlan2", 1, 2, 3, b"\x0a\x00\x00\x01"]))
DEVICES = st.dictionaries(st.sampled_from(NAMES), LIKELY, max_size=60)


@settings(max_examples=60)
@given(DEVICES, DEVICES)
def test_any_device_is_read(before: dict[Oid, Value], after: dict[Oid, Value]) -> None:
    for told in (collected(MODULES, before), collected(MODULES, after, turn=3)):
        assert all(isinstance(cell, int | float | str) for cell in told.scalars.values())
        for rows in told.tables.values():
            assert all(name and name.isprintable() for name in rows)
        assert all(str(problem).isprintable() for problem in told.problems)
        for items in conditions(told).values():
            assert all(item.text.isprintable() for item in items.values())
