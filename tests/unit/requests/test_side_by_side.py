"""Several at once: a hanging router delays nobody else, and two processes do no step twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from agent.errors import Refused
from agent.requests.lanes import AT_ONCE, Lanes
from agent.requests.model import Request, State
from agent.requests.ports import Planned
from inventory import Inventory, InventoryError
from tests.unit.requests.bench import ADD, Bench, Routers, path_of

LIMIT_S = 20.0


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class Hanging(Routers):
    """The router of one request answers only when it is let go."""

    hangs = "SSR-000001"

    def plan(self, inventory: Inventory, request: Request) -> Planned:
        if request.reference == self.hangs:
            assert self.let_go.wait(LIMIT_S)
        return super().plan(inventory, request)

    let_go = Event()


def test_a_router_that_hangs_delays_no_other_request(bench: Bench) -> None:
    bench.routers = routers = Hanging()
    worker = bench.work()
    first = bench.submit()
    worker.begin()
    second = bench.submit(key="second", parameters={**ADD, "prefix": "10.10.36.0/24"})
    worker.begin()
    until(lambda: bench.desk.get(second.reference).state is State.WAITING_APPROVAL)
    worker.begin()
    assert bench.desk.get(first.reference).state is State.SUBMITTED
    routers.let_go.set()
    until(lambda: bench.desk.get(first.reference).state is State.WAITING_APPROVAL)
    assert len(routers.plans) == 2


def test_two_processes_at_once_apply_once(bench: Bench) -> None:
    bench.alive.update({"one", "two"})
    for number in range(8):
        request = bench.scheduled(key=f"k{number}", parameters={**ADD, "prefix": f"10.10.{40 + number}.0/24"})
        together = Barrier(2)

        def work(owner: str, together: Barrier = together) -> None:
            worker = bench.work(owner)
            together.wait(LIMIT_S)
            worker.advance()

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(work, ("one", "two")))
        done = bench.desk.get(request.reference)
        assert done.state is State.APPLIED
        assert path_of(done).count(State.APPLYING) == 1
        assert len(bench.routers.runs) == number + 1


def test_two_people_who_approve_and_cancel_at_once_do_one_of_both(bench: Bench) -> None:
    for number in range(8):
        request = bench.planned(key=f"k{number}", parameters={**ADD, "prefix": f"10.10.{40 + number}.0/24"})
        together = Barrier(2)

        def act(which: str, reference: str = request.reference, together: Barrier = together) -> bool:
            together.wait(LIMIT_S)
            act = bench.desk.approve if which == "approve" else bench.desk.cancel
            try:
                act(reference, "olive")
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(2) as threads:
            worked = list(threads.map(act, ("approve", "cancel")))
        done = bench.desk.get(request.reference)
        # Approved and then cancelled is in order; a cancelled one that was approved later is not.
        assert path_of(done)[-1] is State.CANCELLED or worked == [True, False]
        assert bench.told(request.reference) == [str(state) for state in path_of(done)]


def test_a_broken_inventory_is_told_at_the_next_beginning(bench: Bench) -> None:
    bench.scheduled()
    (bench.root / "customers" / "acme.yaml").write_text("{")
    worker = bench.work()

    def told() -> bool:
        try:
            worker.begin()
        except InventoryError:
            return True
        return False

    until(told)


def test_lanes_are_in_order_and_bounded() -> None:
    seen: list[str] = []
    let_go, most, busy = Event(), [0], [0]

    def work(item: str) -> None:
        busy[0] += 1
        most[0] = max(most[0], busy[0])
        assert let_go.wait(LIMIT_S)
        seen.append(item)
        busy[0] -= 1

    lanes: Lanes[str] = Lanes(work)
    lanes.begin({f"lane {number}": [f"{number} a", f"{number} b"] for number in range(AT_ONCE + 5)})
    until(lambda: busy[0] == AT_ONCE)
    let_go.set()
    until(lambda: len(seen) == 2 * AT_ONCE)
    assert most == [AT_ONCE]
    assert all(seen.index(f"{number} a") < seen.index(f"{number} b") for number in range(AT_ONCE))


def test_more_lanes_than_fit_are_all_worked_through() -> None:
    seen: list[int] = []
    Lanes(seen.append).run({str(number): [number] for number in range(3 * AT_ONCE)})
    assert sorted(seen) == list(range(3 * AT_ONCE))


def test_a_failure_is_raised_and_the_lane_is_free_again() -> None:
    def work(_item: int) -> None:
        raise ValueError("no")

    lanes = Lanes(work)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            lanes.run({"a": [1]})
