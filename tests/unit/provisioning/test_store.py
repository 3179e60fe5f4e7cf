"""Plans sealed at rest, leases with a fence, and the journal."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from agent.archive.cipher import Cipher
from agent.errors import ArchiveDamaged, ConfigurationProblem, LeaseLost, Refused
from agent.provisioning.journal import Change, Closing, Entry, Hold, Step
from agent.provisioning.plan import Kind, Plan
from agent.provisioning.ports import PlanTexts
from agent.store.base import open_store
from agent.store.journal import SqlLedger
from agent.store.plans import SqlPlans, plan_texts
from inventory import Secret
from tests.tables import create_all
from tests.unit.provisioning.fakes import START

LATER = START + timedelta(seconds=60)
SECRET = "Planted-PSK-7"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    create_all(engine)
    return engine


@pytest.fixture
def ledger(engine: Engine) -> SqlLedger:
    return SqlLedger(engine)


def plans(engine: Engine, key: bytes = bytes(32)) -> SqlPlans:
    return SqlPlans(engine, Cipher(Secret(urlsafe_b64encode(key).decode())))


def plan(name: str = "P-1") -> Plan:
    return Plan(id=name, kind=Kind.PROVISION, site="acme/leeds", reason="order ORD-1", created=START, author="eve",
                inventory_digest="0", devices=())  # fmt: skip


def change(name: str, *routers: str, owner: str = "one") -> Change:
    return Change(name, "P-1", "eve", routers, owner, LATER)


def test_no_secret_of_a_plan_is_on_the_disk(engine: Engine, tmp_path: Path) -> None:
    plans(engine).save(plan(), {"r1": PlanTexts(f"old {SECRET}", f"new {SECRET}")})
    assert plans(engine).texts("P-1", "r1") == PlanTexts(f"old {SECRET}", f"new {SECRET}")
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert files
    assert not any(SECRET.encode() in path.read_bytes() for path in files)


def test_another_key_or_a_changed_text_is_refused(engine: Engine) -> None:
    plans(engine).save(plan(), {"r1": PlanTexts("old", "new")})
    with pytest.raises(ConfigurationProblem):
        plans(engine, b"k" * 32).texts("P-1", "r1")
    with engine.begin() as connection:
        connection.execute(update(plan_texts).values(which="candidate2").where(plan_texts.c.which == "candidate"))
        connection.execute(update(plan_texts).values(which="candidate").where(plan_texts.c.which == "running"))
        connection.execute(update(plan_texts).values(which="running").where(plan_texts.c.which == "candidate2"))
    with pytest.raises(ArchiveDamaged):
        plans(engine).texts("P-1", "r1")


@pytest.mark.parametrize("name", ["P-2", "", "'; drop table plans; --"])
def test_a_plan_that_is_not_there_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(Refused, match="no such plan"):
        plans(engine).plan(name)


def test_all_routers_are_leased_or_none(ledger: SqlLedger) -> None:
    held = ledger.begin(change("C-1", "r2", owner="a-boot-id pid:[1] pid 17 started 99"), START)
    with pytest.raises(Refused, match=r"r2: another change of this router is in progress \(process 17, at most until"):
        ledger.begin(change("C-2", "r1", "r2", owner="two"), START)
    ledger.begin(change("C-3", "r1", owner="two"), START)
    ledger.close(held, Closing.DONE)
    assert ledger.begin(change("C-4", "r2", owner="two"), START).fence > held.fence


def test_who_was_taken_over_can_write_nothing_more(ledger: SqlLedger) -> None:
    former = ledger.begin(change("C-1", "r1"), START)
    (open_change,) = ledger.open_changes()
    taken = ledger.take_over(open_change, "two", LATER)
    with pytest.raises(LeaseLost):
        ledger.append(former, Entry(START, "r1", Step.LOADING), LATER)
    with pytest.raises(LeaseLost):
        ledger.renew(former, LATER)
    with pytest.raises(LeaseLost):
        ledger.close(former, Closing.DONE)
    with pytest.raises(Refused):
        ledger.take_over(open_change, "three", LATER)
    ledger.append(taken, Entry(START, "r1", Step.LOADING), LATER)
    assert [entry.step for entry in ledger.entries("C-1")] == [Step.LOADING]


def test_an_uncertain_change_keeps_its_routers_and_can_be_taken_over(ledger: SqlLedger) -> None:
    held = ledger.begin(change("C-1", "r1"), START)
    ledger.close(held, Closing.UNCERTAIN)
    with pytest.raises(Refused):
        ledger.begin(change("C-2", "r1", owner="two"), START)
    (left,) = ledger.open_changes(("r1",))
    assert ledger.open_changes(("r9",)) == ()
    again = ledger.take_over(left, "two", LATER)
    ledger.close(again, Closing.TAKEN_BACK)
    assert ledger.open_changes() == ()


@pytest.mark.parametrize(
    ("since", "until", "closed", "expected"),
    [(-10, -1, True, False), (-10, 10, True, True), (10, 20, True, False), (10, 20, False, True), (3, 4, True, True)],
)
def test_the_watch_knows_when_we_were_at_work(
    ledger: SqlLedger, since: int, until: int, closed: bool, expected: bool
) -> None:
    held: Hold = ledger.begin(change("C-1", "r1"), START)
    for second in (0, 5):
        ledger.append(held, Entry(START + timedelta(seconds=second), "r1", Step.LOADING), LATER)
    if closed:
        ledger.close(held, Closing.DONE)
    moments = START + timedelta(seconds=since), START + timedelta(seconds=until)
    assert ledger.changed_between("r1", *moments) is expected
    assert not ledger.changed_between("r2", *moments)


def test_an_uncertain_change_explains_no_silence_even_while_it_is_tried_again(ledger: SqlLedger) -> None:
    held = ledger.begin(change("C-1", "r1"), START)
    ledger.append(held, Entry(START, "r1", Step.TAKING_BACK), LATER)
    assert ledger.at_work(("r1", "r2")) == {"r1"}
    ledger.close(held, Closing.UNCERTAIN)
    assert not ledger.at_work(("r1",))
    (left,) = ledger.open_changes(("r1",))
    again = ledger.take_over(left, "two", LATER)
    ledger.append(again, Entry(START, "r1", Step.TAKING_BACK), LATER)
    assert not ledger.at_work(("r1",))
    ledger.close(again, Closing.TAKEN_BACK)
    assert not ledger.at_work(("r1",))
