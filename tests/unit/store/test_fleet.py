"""What status shows comes from few queries: the same as from the states one by one, whatever they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from agent.monitoring.alarms import Alarm, AlarmKey, Kind
from agent.monitoring.states import Link, LinkState, Reach, RouterState
from agent.monitoring.views import (
    BackupRun,
    Counts,
    Managed,
    ManagedServer,
    Roster,
    Selection,
    StatusRow,
    status,
)
from agent.store import runs
from agent.store.base import open_store, write
from agent.store.fleet import Fleet, Mark
from agent.store.migrate import upgrade
from agent.store.watching import rows, tables
from tests.examples import examples

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
FLEET = tuple(Managed(f"c{n % 2}-r{n}", f"c{n % 2}/s{n}", n % 3 == 0) for n in range(6))
#: A router's state, its backup, and how many alarms are active.
Known = tuple[RouterState | None, BackupRun | None, int]
MARK = Mark("stamp", "digest", NOW)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{tmp_path_factory.mktemp('fleet') / 'history.db'}")
    upgrade(engine)
    Fleet(engine).keep(Roster(FLEET, ()), MARK)
    yield engine
    engine.dispose()


moments = st.integers(-100_000, 100_000).map(lambda seconds: NOW + timedelta(seconds=seconds))
around = st.sampled_from([-301, -300, 0, 10, 299, 300, 301]).map(lambda seconds: NOW - timedelta(seconds=seconds))


@st.composite
def known(draw: st.DrawFn) -> dict[str, Known]:
    """Of each router its state, its backup and how many alarms are active."""
    found: dict[str, Known] = {}
    for one in FLEET:
        links = {"Tunnel10": LinkState(draw(st.sampled_from(Link)), NOW)} if draw(st.booleans()) else {}
        state = RouterState(
            one.router, draw(st.sampled_from(Reach)), draw(moments), 'a "reason"', draw(around), links=links
        )
        run = BackupRun(one.router, NOW, draw(st.none() | moments), draw(st.sampled_from(["", "it is full"])))
        found[one.router] = (
            draw(st.sampled_from([state, state, None])), draw(st.sampled_from([run, None])), draw(st.integers(0, 2)),
        )  # fmt: skip
    return found


def alarms_of(router: str, many: int) -> list[Alarm]:
    kinds = (Kind.ROUTER_UNREACHABLE, Kind.BACKUP_FAILED)[:many]
    return [Alarm(0, AlarmKey(router, kind), NOW, NOW, "why", incident="INC-000001") for kind in kinds]


def kept(engine: Engine, known: Mapping[str, Known]) -> None:
    """Write it as the daemon does."""
    with write(engine) as connection:
        for table in (tables.states, tables.alarms, runs.backups):
            connection.execute(delete(table))
        for router, (state, run, many) in known.items():
            if state is not None:
                connection.execute(insert(tables.states).values(router=router, **rows.columns(state)))
            if run is not None:
                values = {"router": router, "tried_at": run.tried_at, "good_at": run.good_at, "failure": run.failure}
                connection.execute(insert(runs.backups).values(values))
            for alarm in alarms_of(router, many):
                values = {"subject": router, "kind": alarm.key.kind, "item": "", "why": alarm.why}
                moments = {"raised_at": alarm.raised_at, "first_failed_at": NOW, "incident": alarm.incident}
                connection.execute(insert(tables.alarms).values(**values, **moments))


def wrong(row: StatusRow) -> bool:
    return row.reach is not Reach.UP or row.alarms > 0 or bool(row.broken)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(known())
def test_queries_show_what_the_states_tell_one_by_one(engine: Engine, known: Mapping[str, Known]) -> None:
    kept(engine, known)
    fleet = Fleet(engine)
    rows = status(
        FLEET,
        {router: state for router, (state, _, _) in known.items() if state is not None},
        [alarm for router, (_, _, many) in known.items() for alarm in alarms_of(router, many)],
        {router: run for router, (_, run, _) in known.items() if run is not None},
        NOW,
    )
    rows = tuple(sorted(rows, key=lambda row: row.router))
    assert fleet.rows(Selection(), NOW) == rows
    assert set(fleet.rows(Selection(wrong=True), NOW)) == {row for row in rows if wrong(row)}
    for reach in Reach:
        assert fleet.rows(Selection(states=frozenset({reach})), NOW) == tuple(r for r in rows if r.reach is reach)
    counts = fleet.counts(Selection(("c1", ())), NOW)
    own = [row for row in rows if row.site.startswith("c1/")]
    assert counts == Counts(
        len(own),
        sum(map(wrong, own)),
        {str(reach): sum(row.reach is reach for row in own) for reach in Reach},
        {backup: many for backup in ("ok", "overdue", "failed", "never")
         if (many := sum(row.backup == backup for row in own))},
    )  # fmt: skip


def test_of_what_is_wrong_the_newest_comes_first_and_what_was_never_polled_last(engine: Engine) -> None:
    def state(router: str, reach: Reach, since: int, polled: int = 0) -> RouterState:
        return RouterState(router, reach, NOW - timedelta(seconds=since), "", NOW - timedelta(seconds=polled))

    found = (state("c0-r0", Reach.DOWN, 900), state("c1-r1", Reach.DOWN, 60), state("c0-r2", Reach.UP, 60, 400))
    ups = (state("c1-r3", Reach.UP, 5), state("c0-r4", Reach.UP, 5))
    kept(engine, {one.router: (one, None, 0) for one in (*found, *ups)} | {"c0-r4": (ups[1], None, 1)})
    rows = Fleet(engine).rows(Selection(wrong=True), NOW)
    assert [row.router for row in rows] == ["c0-r4", "c1-r1", "c0-r2", "c0-r0", "c1-r5"]
    assert [row.router for row in Fleet(engine).rows(Selection(wrong=True), NOW, 2)] == ["c0-r4", "c1-r1"]


def test_pages_follow_one_another(engine: Engine) -> None:
    fleet, found = Fleet(engine), list[str]()
    while page := fleet.rows(Selection(), NOW, 4, after=found[-1] if found else ""):
        found += [row.router for row in page]
    assert found == sorted(one.router for one in FLEET)


def test_another_inventory_is_taken_over_by_what_differs(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'history.db'}")
    upgrade(engine)
    fleet, server = Fleet(engine), ManagedServer("fe1", "c0/s0", "pool", "front_end", True)
    assert fleet.mark() is None
    fleet.keep(Roster(FLEET, (server,)), MARK)
    moved = Managed(FLEET[1].router, "c1/elsewhere", True)
    fleet.keep(Roster((*FLEET[2:], moved), ()), Mark("other", "newer", NOW))
    assert {(row.router, row.site) for row in fleet.rows(Selection(), NOW)} == {
        (one.router, one.site) for one in (*FLEET[2:], moved)
    }
    assert (fleet.mark(), fleet.servers(None)) == (Mark("other", "newer", NOW), ())
