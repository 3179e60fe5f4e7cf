"""What a plan says, and what it refuses to begin."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from agent.errors import Refused, Unreachable
from agent.events import Result
from agent.provisioning.plan import Plan, delivery_reason, described, expected_links
from inventory import Inventory, SiteView
from inventory.site import Licence, Order, OrderStatus
from tests.unit.provisioning.bench import HUB, SPOKE, Bench, want_both, want_spoke


def with_orders(view: SiteView, *orders: dict[str, Any]) -> SiteView:
    site = view.site.model_copy(update={"orders": tuple(Order(**order) for order in orders)})
    return SiteView(view.customer, view.name, site)


def order(reference: str, status: OrderStatus, **more: Any) -> dict[str, Any]:
    return {"reference": reference, "status": status, "signed": date(2026, 10, 1), **more}


def test_wv_22_every_change_names_its_order_or_request(inventory: Inventory) -> None:
    view = inventory.site("leeds")
    assert delivery_reason(view) == "order ORD-1002"
    assert delivery_reason(view, "ORD-1002") == "order ORD-1002"
    assert delivery_reason(view, "SSR-7") == "request SSR-7 on order ORD-1002"
    with pytest.raises(Refused, match=r"ORD-1001.*\[WV-22\].*accepted: ORD-1002"):
        delivery_reason(view, "ORD-1001")


@pytest.mark.parametrize("status", [OrderStatus.QUOTED, OrderStatus.CANCELLED, OrderStatus.REQUOTED])
def test_wv_21_nothing_is_delivered_without_an_accepted_order(inventory: Inventory, status: OrderStatus) -> None:
    with pytest.raises(Refused, match="WV-21"):
        delivery_reason(with_orders(inventory.site("leeds"), order("ORD-9", status)))


def test_wv_16_delivery_is_held_until_a_licence_is_proved(inventory: Inventory) -> None:
    missing = order("ORD-9", OrderStatus.ACCEPTED, licences=(Licence(kind="encryption"),))
    with pytest.raises(Refused, match="WV-16"):
        delivery_reason(with_orders(inventory.site("leeds"), missing))
    proof = Licence(kind="encryption", proof="EXP-1", recorded=date(2026, 10, 2))
    proved = order("ORD-9", OrderStatus.ACCEPTED, licences=(proof,))
    assert delivery_reason(with_orders(inventory.site("leeds"), proved)) == "order ORD-9"


def test_a_spoke_expects_its_links_to_hubs_that_are_ready(inventory: Inventory) -> None:
    leeds, york, london = (inventory.site(name) for name in ("leeds", "york", "london"))
    assert expected_links(leeds, [london]) == ("corporate 10.255.8.1", "cctv 10.255.16.1")
    assert expected_links(york, [london]) == ("corporate 10.255.8.1",)
    assert expected_links(london, [london, leeds]) == ()
    assert expected_links(leeds, [york]) == ()


def test_a_plan_is_plain_data_and_readable(bench: Bench) -> None:
    want_both(bench)
    with bench.process() as process:
        plan = process.planner.plan(bench.inventory, "leeds", who="eve")
        assert Plan.model_validate_json(plan.model_dump_json()) == plan == process.ports.plans.plan(plan.id)
    text = "\n".join(described(plan))
    assert text.index(HUB) < text.index(SPOKE)
    assert "+ new line" in text
    assert "- old line" in text
    assert "order ORD-1002" in text


def test_a_hub_that_needs_nothing_is_noted(bench: Bench) -> None:
    want_spoke(bench)
    with bench.process() as process:
        plan = process.planner.plan(bench.inventory, "leeds", who="eve")
    assert plan.routers == (SPOKE,)
    assert plan.notes == (f"{HUB}: hub, already as intended",)


def test_a_hub_that_is_not_reached_refuses_the_plan(bench: Bench) -> None:
    with bench.world.router(HUB) as router:
        router["powered"] = False
    with bench.process() as process, pytest.raises(Unreachable, match=HUB):
        process.planner.plan(bench.inventory, "leeds", who="eve")
    assert (bench.events.events[-1].action, bench.events.events[-1].result) == ("plan", Result.FAILED)


def test_texts_are_not_shown_by_repr(bench: Bench) -> None:
    want_spoke(bench, "password planted-secret")
    with bench.process() as process:
        plan = process.planner.plan(bench.inventory, "leeds", who="eve")
        texts = process.ports.plans.texts(plan.id, SPOKE)
    assert "planted-secret" in texts.candidate
    assert "planted-secret" not in repr(texts)
