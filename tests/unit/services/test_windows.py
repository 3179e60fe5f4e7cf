"""Windows by SNMP: the lab's shape of it, net-snmp's real HOST-RESOURCES-MIB, and tables that are empty or lie."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import oids
from collectors.answers import columns
from collectors.clocks.reading import Asked
from collectors.services import windows
from collectors.snmp import Answer, Failure, SnmpClient, Target, TimeTicks, Value
from tests.unit.collectors.snmpd import PUBLIC, Snmpd, free_port

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ASKED = Asked(NOW, NOW + timedelta(milliseconds=10))
TARGET = Target("127.0.0.1", 161, PUBLIC)
LONDON = ZoneInfo("Europe/London")
FRONT_END = "Lync Server Front-End"
#: hrStorageEntry of HOST-RESOURCES-MIB, svSvcEntry of LanMgr-Mib-II.
STORAGE, SERVICES = (1, 3, 6, 1, 2, 1, 25, 2, 3, 1), (1, 3, 6, 1, 4, 1, 77, 1, 2, 3, 1)


def service(name: str, state: int = 1) -> dict[tuple[int, ...], Value]:
    """A row of svSvcTable: the index is the length of the name and the name."""
    index = (len(name), *name.encode())
    return {(*SERVICES, 1, *index): name.encode(), (*SERVICES, 3, *index): state}


def disk(row: int, name: bytes, kind: int, units: int, size: int, used: int) -> dict[tuple[int, ...], Value]:
    values: tuple[Value, ...] = ((1, 3, 6, 1, 2, 1, 25, 2, 1, kind), name, units, size, used)
    return {(*STORAGE, column, row): value for column, value in enumerate(values, 2)}


def sample(**tables: Mapping[tuple[int, ...], Value]) -> windows.WindowsSample:
    first = Answer(TARGET, {oids.SYS_UPTIME: TimeTicks(4200)})
    names = ("processors", "storage", "services", "software")
    return windows.decode(first, {name: Answer(TARGET, tables.get(name, {})) for name in names}, ASKED, LONDON)


def test_a_row_that_is_not_there_is_not_in_the_sample() -> None:
    found = sample(services={**service(FRONT_END), **service("Paused thing", 4), **service("DNS Client")})
    assert found.services == {FRONT_END: True, "Paused thing": False, "DNS Client": True}


def test_an_empty_table_is_unread_not_empty() -> None:
    found = sample()
    assert (found.services, found.volumes, found.loads, found.software) == (None, None, None, None)
    assert set(found.unread) == {"processors", "storage", "services", "software"}


def test_a_table_that_breaks_off_is_unread() -> None:
    first = Answer(TARGET, {oids.SYS_UPTIME: TimeTicks(1)})
    half = Answer(TARGET, service(FRONT_END), Failure.TIMEOUT)
    found = windows.decode(first, {"services": half}, ASKED, LONDON)
    assert found.services is None
    assert "no answer" in found.unread["services"]


def test_volumes_have_short_names_and_sizes_in_octets() -> None:
    found = sample(
        storage={
            **disk(1, b"C:\\ Label:  Serial Number 10f82425", 4, 4096, 26_056_703, 7_900_201),
            **disk(2, b"D:\\", 7, 0, 0, 0),
            **disk(3, b"Physical Memory", 2, 65_536, 262_127, 59_527),
            **disk(4, b"X:\\", 4, 4096, -5, 3),
        }
    )
    assert found.volumes is not None
    assert set(found.volumes) == {"C:", "Physical Memory"}
    assert found.volumes["C:"].fixed
    assert not found.volumes["Physical Memory"].fixed
    assert round(found.volumes["C:"].percent) == 30
    assert any("hrStorageSize" in str(problem) for problem in found.problems), "a size below zero is told"


def test_names_cannot_forge_lines() -> None:
    found = sample(services={**service("Evil\r\nname"), **service("Grüße".encode("latin-1").decode("latin-1"))})
    assert found.services is not None
    assert all(name.isprintable() for name in found.services)


VALUES = st.one_of(st.integers(-(2**31), 2**32), st.binary(max_size=30), st.none(), st.just((1, 3, 6)))
COLUMNS = tuple({column for table in windows.TABLES.values() for column in columns(table)})
ROWS = st.dictionaries(
    st.tuples(st.sampled_from(COLUMNS), st.integers(0, 3)).map(lambda one: (*one[0], one[1])), VALUES, max_size=20
)


@given(ROWS)
def test_any_values_are_a_sample(values: dict[tuple[int, ...], Value]) -> None:
    found = sample(processors=values, storage=values, services=values, software=values)
    assert all(0 <= volume.percent <= 100 for volume in (found.volumes or {}).values())
    assert all(0 <= load <= 100 for load in found.loads or ())


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Snmpd]:
    running = Snmpd(tmp_path, free_port())
    running.start()
    yield running
    running.stop()


def read(target: Target) -> windows.WindowsSample:
    async def ask() -> windows.WindowsSample:
        async with SnmpClient() as client:
            return await windows.read(client, target, ZoneInfo("UTC"), lambda: datetime.now(UTC))

    return asyncio.run(ask())


def test_a_real_agent_tells_load_storage_programs_and_time(agent: Snmpd) -> None:
    """net-snmp has no services of LanMgr: they are unread, and nothing is made of that."""
    found = read(agent.target(PUBLIC))
    assert found.failure is None
    assert found.uptime_s is not None
    assert found.volumes, "this machine has memory, if no disk that the agent shows"
    assert found.software, "the agent itself runs"
    assert "snmpd" in found.software
    assert found.clock is not None
    assert abs(found.clock.offset_s) <= found.clock.within_s + 1
    assert found.services is None
    assert found.unread["services"] == "the table is empty"


def test_a_silent_agent_is_asked_once() -> None:
    target = Target("127.0.0.1", free_port(), PUBLIC, timeout_s=0.2, retries=0)
    assert read(target).failure in (Failure.TIMEOUT, Failure.NOT_SENT)
