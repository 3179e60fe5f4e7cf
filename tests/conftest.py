"""What all tests share: hypothesis judges what code does, never how long a busy machine takes; the longest first."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, inspect, text

from agent.store import migrate
from agent.store.base import open_store, write
from tests.examples import SAMPLE
from tests.postgres import Postgres, postgres

#: The gate takes a sample of the examples; ``make soak`` takes them all.
settings.register_profile("soak", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("gate", settings.get_profile("soak"), max_examples=SAMPLE)
settings.load_profile("gate")

# All modules and tests live as long as the process: to look through them for garbage, again and again while they are
# collected and with each full collection afterwards, would take a twentieth of the time.
gc.disable()

TESTS = Path(__file__).parent
#: Files that take longest, longest first: a file is one worker's, and what begins last is what everybody waits for.
#: They wait more than they work, so that the others' work is done beside them.
LONGEST = (
    "e2e/test_real_routers.py",
    "e2e/test_demo.py",
    "lab/onboard/test_faults.py",
    "e2e/test_requests.py",
    "e2e/test_provision.py",
    "e2e/test_fault_table.py",
    # Short, and given to the worker that has the demonstration, because that is a single test.
    "lab/test_golden_network.py",
    "e2e/test_watch.py",
    "e2e/test_lync_watch.py",
    "contract/test_device_contract.py",
    "lab/onboard/test_deaths.py",
    "unit/drivers/test_bad_devices.py",
    "lab/test_lab_process.py",
    "mutation/test_mutation.py",
    "lab/onboard/test_changes.py",
    "mutation/test_agreement.py",
    "contract/test_napalm_linux.py",
    "golden/linux_frr/test_vrrp_at_work.py",
    "contract/test_iosxe_faults.py",
    "lab/test_napalm.py",
    "lab/test_link_traps.py",
    "unit/lync/test_changing_against_a_stub.py",
    "unit/daemon/test_daemon.py",
    "unit/daemon/test_process.py",
    "unit/webhooks/test_duty.py",
    "unit/webhooks/test_machine.py",
    "unit/api/test_process.py",
    "unit/api/test_schemathesis.py",
)


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """A PostgreSQL server, started when first needed."""
    with postgres() as found:
        yield found


@pytest.fixture(scope="session")
def revised(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, tuple[str, ...]]]:
    """What makes a new database as the revisions do."""
    engine = open_store(f"sqlite:///{tmp_path_factory.mktemp('revised') / 'first.db'}")
    migrate.revise(engine)
    with engine.connect() as connection:
        # What is named sqlite_ SQLite makes by itself.
        made = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY rowid")
        ).scalars()
        statements: list[tuple[str, tuple[str, ...]]] = [(statement, ()) for statement in made]
    statements.append(("INSERT INTO alembic_version VALUES (?)", (str(migrate.current(engine)),)))
    engine.dispose()
    return statements


@pytest.fixture(scope="module", autouse=True)
def revise_once(revised: list[tuple[str, tuple[str, ...]]]) -> Iterator[None]:
    """New databases get their tables by the statements that Alembic came to once: it needs 0.1 s for each of them."""
    revise = migrate.revise

    def again(engine: Engine) -> None:
        with write(engine) as connection:
            new = engine.dialect.name == "sqlite" and not inspect(connection).get_table_names()
            for statement, values in revised if new else ():
                connection.exec_driver_sql(statement, values)
        if not new:
            revise(engine)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrate, "revise", again)
        yield


def pytest_collection_finish() -> None:
    """Go on with the collection of garbage, of what tests make."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, leave the others as they are, and mark what hypothesis makes examples for."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.property)
    rank = {TESTS / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
