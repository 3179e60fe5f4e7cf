"""What is polled is data: the files are understood, and tables made for it show how each is read and goes wrong."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import get_args

import pytest

import collectors.modules
from collectors.answers import columns, reading
from collectors.errors import BadModule
from collectors.modules import Module, modules_of
from collectors.modules.loading import read_module
from collectors.polling.plan import Plan, Plans, due
from collectors.questions import MOST_OCTETS, questions
from collectors.rows import discovery, find_rows
from collectors.snmp import Answer, Counter32, Counter64, Failure, Gauge32, Oid, TimeTicks, Value
from collectors.taking import flattened
from inventory.platforms import PlatformFacts
from tests.unit.collectors.collected import TARGET, collected

FILES = sorted(Path(collectors.modules.__file__).parent.glob("*.toml"))
AGENTS = (*get_args(PlatformFacts.__annotations__["agent"]), "cisco", "net-snmp", "windows")
CISCO: Oid = (1, 3, 6, 1, 4, 1, 9, 9)
ROUTES_AND_ARP: tuple[Oid, ...] = ((1, 3, 6, 1, 2, 1, 4), (1, 3, 6, 1, 2, 1, 3), (1, 3, 6, 1, 2, 1, 55))


def module(name: str, agent: str = "cisco") -> Module:
    return next(one for one in modules_of(agent) if one.name == name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_a_module_of_some_agent(path: Path) -> None:
    found = [read_module(path.stem, path.read_text(), agent) for agent in set(AGENTS)]
    known = [one for one in found if one is not None]
    assert known
    assert path.read_text().startswith("# "), "it says what it is and which MIB it is from"
    for one in known:
        assert one.every >= 1
        assert all(table.columns for table in one.tables)
        for table in one.tables:
            assert not table.discontinuity or table.discontinuity in {column.name for column in table.columns}
        for figure in one.figures:
            assert figure.table in {"", *(table.name for table in one.tables)}


@pytest.mark.parametrize("agent", ["cisco", "net-snmp", "windows"])
def test_names_are_unique_and_no_route_or_arp_table_is_read(agent: str) -> None:
    found = modules_of(agent)
    scalars = [scalar for one in found for scalar in one.scalars]
    tables = [table for one in found for table in one.tables]
    assert len(scalars) == len({scalar.name for scalar in scalars})
    assert len(tables) == len({table.name for table in tables})
    oids = [scalar.oid for scalar in scalars] + [oid for table in tables for oid in columns(table)]
    assert not [oid for oid in oids if any(oid[: len(root)] == root for root in ROUTES_AND_ARP)]
    unknown = {name for table in tables for name in table.unless} - {table.name for table in tables}
    assert not unknown


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param('agents = ["a"]\nevry = 3', "nobody knows the key 'evry'", id="unknown key"),
        pytest.param(
            'agents = ["a"]\n[scalars.x]\nobject = "y"\noid = "1.2"\ntype = "Gauge"', "Gauge", id="unknown type"
        ),
        pytest.param('agents = ["a"]\n[scalars.x]\nobject = "y"\noid = "1.b"\ntype = "text"', "'b'", id="no number"),
        pytest.param("every = 1", "agents", id="no agents"),
        pytest.param("every", "Expected '='", id="no TOML"),
    ],
)
def test_a_file_that_cannot_be_is_refused_by_name(text: str, why: str) -> None:
    with pytest.raises(BadModule, match=r"collectors/modules/thing") as refused:
        read_module("thing", text, "a")
    assert why in str(refused.value)


def test_all_is_asked_first_and_what_is_slow_seldom_and_not_of_all_at_once() -> None:
    often = {one.every for one in modules_of("cisco")}
    assert all(due(every, 0, 5) for every in often)
    assert all(sum(due(every, turn, 5) for turn in range(1, 61)) == 60 // every for every in often)
    slow = module("inventory").every
    turns = {next(turn for turn in range(1, 16) if due(slow, turn, spread)) for spread in range(15)}
    assert len(turns) == 15


HSRP: Oid = (*CISCO, 106, 1, 2, 1, 1)
INTERFACES: dict[Oid, Value] = {
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 12): b"Vlan10",
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 13): b"Vlan20",
}


def test_rows_by_interface_and_those_that_are_expected_and_missing() -> None:
    values = INTERFACES | {(*HSRP, 15, 12, 10): 5, (*HSRP, 15, 99, 1): 6}
    wanted = (("standby", frozenset({"Vlan10 10", "Vlan20 20"})), ("interfaces", frozenset({"Vlan10", "Vlan30"})))
    found = collected((module("interfaces"), module("hsrp")), values, wanted)
    assert found.tables["standby"] == {"Vlan10 10": {"state": "standby"}}
    assert found.missing == {"standby": {"Vlan20 20"}, "interfaces": {"Vlan30"}}


def test_a_description_that_ends_in_a_state_is_named_by_what_stands_before() -> None:
    temperature: Oid = (*CISCO, 13, 1, 3, 1)
    for colour, state in (("GREEN", 1), ("RED", 3)):
        values: dict[Oid, Value] = {(*temperature, 2, 7): f"Inlet, {colour}".encode(), (*temperature, 6, 7): state}
        found = collected((module("environment"),), values | {(*temperature, 3, 7): Gauge32(40)})
        assert set(found.tables["temperatures"]) == {"Inlet"}


def test_sensors_stand_in_where_there_is_no_other_table() -> None:
    modules = (module("environment"), module("sensors"))
    sensor: dict[Oid, Value] = {
        (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 7, 9): b"Temp: CPU",
        (*CISCO, 91, 1, 1, 1, 1, 4, 9): 41,
        (*CISCO, 91, 1, 1, 1, 1, 5, 9): 1,
    }
    assert collected(modules, sensor).tables["sensors"] == {"Temp: CPU": {"value": 41, "status": "ok"}}
    monitor: dict[Oid, Value] = {(*CISCO, 13, 1, 3, 1, 2, 7): b"Inlet, GREEN"}
    assert "sensors" not in collected(modules, sensor | monitor).tables


QOS: Oid = (*CISCO, 166, 1)


def qos(objects: dict[int, tuple[int, int, int]], direction: int = 2) -> dict[Oid, Value]:
    """Objects by number: configuration, type, parent; the policy in use is 7."""
    values: dict[Oid, Value] = {(*QOS, 1, 1, 1, 3, 7): direction}
    for number, (configured, kind, parent) in objects.items():
        values |= {
            (*QOS, 5, 1, 1, 2, 7, number): Gauge32(configured),
            (*QOS, 5, 1, 1, 3, 7, number): kind,
            (*QOS, 5, 1, 1, 4, 7, number): Gauge32(parent),
            (*QOS, 15, 1, 1, 14, 7, number): Counter64(number),
        }
    names = {(6, 100): b"EGRESS", (6, 102): b"CLASSES", (7, 101): b"class-default", (7, 103): b"VOICE"}
    return values | {(*QOS, table, 1, 1, 1, number): name for (table, number), name in names.items()}


NESTED = {7: (100, 1, 0), 8: (101, 2, 7), 9: (102, 1, 8), 10: (103, 2, 9), 11: (101, 2, 9), 12: (104, 3, 10)}


def test_classes_are_named_by_what_they_lie_in() -> None:
    found = collected((module("cbqos"),), qos(NESTED)).tables["classes"]
    assert {name: row["dropped_packets"] for name, row in found.items()} == {
        "EGRESS/class-default": 8,
        "EGRESS/class-default/CLASSES/VOICE": 10,
        "EGRESS/class-default/CLASSES/class-default": 11,
    }
    assert collected((module("cbqos"),), qos(NESTED, direction=1)).tables["classes"] == {}


def test_classes_in_a_circle_or_without_a_name_are_left_out() -> None:
    circle = {7: (100, 1, 0), 8: (101, 2, 9), 9: (102, 1, 8), 10: (999, 2, 7)}
    assert collected((module("cbqos"),), qos(circle)).tables["classes"] == {}


def test_a_table_with_half_its_values_is_told() -> None:
    ike: Oid = (*CISCO, 171, 1, 2, 3, 1)
    values: dict[Oid, Value] = {(*ike, 7, row): f"peer{row}".encode() for row in (1, 2)}
    found = collected((module("ike"),), values | {(*ike, 35, 1): 1})
    assert found.tables["ike"] == {"peer1": {"status": "active"}, "peer2": {}}
    (problem,) = found.problems
    assert str(problem) == "cikeTunStatus (1.3.6.1.4.1.9.9.171.1.2.3.1.35): expected a value in each of 2 rows, found 1"


def test_a_table_that_breaks_off_is_not_read_and_says_why_unless_nobody_answered() -> None:
    asked = questions((module("ipsec"),), find_rows((module("ipsec"),), {}, ()), ())
    for failure, problems in ((Failure.REFUSED, 1), (Failure.UNUSABLE, 1), (Failure.TIMEOUT, 0)):
        found = reading(asked, b"", [], {"ipsec": Answer(TARGET, {}, failure, "it goes back")})
        assert "ipsec" not in found.tables
        assert len(found.problems) == problems


def test_a_later_packet_without_an_answer_leaves_its_tables_unread() -> None:
    modules = (module("interfaces"), module("hsrp"))
    values = INTERFACES | {(*HSRP, 15, 12, 10): 5}
    columns = [column for walk in discovery(modules) for column in walk]
    asked = questions(modules, find_rows(modules, values, columns), (("interfaces", frozenset({"Vlan10"})),))
    flat = [flattened(values.get(slot.oid)) for slot in asked.slots]
    kinds, told = [kind for kind, _ in flat], [value for _, value in flat]
    assert reading(asked, kinds, told, {}).tables["standby"] == {"Vlan10 10": {"state": "standby"}}
    cut = reading(asked, kinds[:-1], told[:-1], {})
    assert "standby" not in cut.tables
    assert (set(cut.tables["interfaces"]), cut.missing["interfaces"]) == ({"Vlan10"}, frozenset())


def test_packets_are_small_and_in_the_order_of_their_values() -> None:
    names: dict[Oid, Value] = {
        (1, 3, 6, 1, 2, 1, 2, 2, 1, 2, number): f"Vlan{number}".encode() for number in range(1, 60)
    }
    modules = modules_of("cisco")
    columns = [column for walk in discovery(modules) for column in walk]
    asked = questions(modules, find_rows(modules, names, columns), ())
    assert [oid for packet in asked.packets for oid in packet.oids] == [slot.oid for slot in asked.slots]
    assert max(len(packet.oids) for packet in asked.packets) <= MOST_OCTETS // 21


def test_devices_with_the_same_rows_share_their_plan_as_long_as_there_are_any() -> None:
    modules, plans = modules_of("cisco"), Plans()
    columns = [column for walk in discovery(modules) for column in walk]

    def plan(*numbers: int) -> Plan:
        names: dict[Oid, Value] = {(1, 3, 6, 1, 2, 1, 2, 2, 1, 2, one): f"Vlan{one}".encode() for one in numbers}
        wanted = frozenset({"Vlan1", "Vlan2"})
        return plans.of(modules, find_rows(modules, names, columns), (("interfaces", wanted), ("ports", wanted)))

    first = plan(1, 2, 3)
    assert plan(1, 2, 4) is first, "what is not asked makes no difference"
    assert plan(1) is not first
    del first
    gc.collect()
    assert len(plans) == 0


def test_numbers_of_the_wrong_kind_are_problems() -> None:
    ntp: Oid = (*CISCO, 168, 1)
    values: dict[Oid, Value] = {
        (*ntp, 1, 2, 0): 300,
        (*ntp, 2, 1, 1, 3, 1): b"\x0a\x00\x00\x01",
        (*ntp, 2, 1, 1, 9, 1): TimeTicks(2),
        (*ntp, 2, 1, 1, 23, 1): b"\xff\xff\x80\x00",
        (*ntp, 2, 1, 1, 3, 2): b"\x0a\x00\x00\x02",
        (*ntp, 2, 1, 1, 23, 2): b"\x00",
        (*CISCO, 171, 1, 2, 1, 20, 0): Counter32(1),
    }
    found = collected((module("ntp"),), values)
    assert found.tables["ntp_servers"] == {"10.0.0.1": {"offset_s": -0.5}, "10.0.0.2": {}}
    assert sorted(problem.what for problem in found.problems) == [
        "cntpPeersOffset of 10.0.0.2",
        "cntpPeersStratum of 10.0.0.1",
        "cntpSysStratum",
    ]
