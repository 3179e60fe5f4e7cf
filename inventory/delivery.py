"""Why a site is not provisioned although the inventory is good: orders, licences, and what must exist before."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.errors import Problem
from inventory.rules.orders import PROVISIONABLE, unproved
from inventory.rules.vpns import ike_conflict
from inventory.site import Provider
from inventory.workspace import SiteView


def hold_reasons(view: SiteView) -> tuple[Problem, ...]:
    """Every reason to hold the delivery of a site [WV-15, WV-16, WV-21]; none where it may be provisioned."""
    return tuple(_reasons(view))


def _reasons(view: SiteView) -> Iterator[Problem]:
    orders = [order for order in view.site.orders if order.status in PROVISIONABLE]
    if not orders:
        states = ", ".join(f"{order.reference} is {order.status}" for order in view.site.orders)
        yield _hold(view, "orders", f"no order is accepted: {states}", "WV-21", "set status: accepted when one is")
    for order in orders:
        for number, kind in unproved(order):
            field = f"orders.{view.site.orders.index(order)}.licences.{number}"
            message = f"order {order.reference} has no recorded proof of the {kind} licence"
            yield _hold(view, field, message, "WV-16", "record proof and its date (proof, recorded)")
    if view.site.access.provided_by is Provider.CPA and not view.site.access.installed:
        message = "the customer's own access is not installed and working"
        yield _hold(view, "access.installed", message, "WV-15", "set installed: true once it is")
    if found := ike_conflict(view):
        message = f"{found[0]} and {found[1]} differ in ike, and one router cannot carry both"
        yield _hold(
            view, f"tunnels.{found[1]}", message, "INV-3", "use the same psk, or the same certificates, in both"
        )


def _hold(view: SiteView, field: str, message: str, rule: str, remedy: str) -> Problem:
    customer = view.customer.customer
    return Problem(f"customers/{customer}.yaml", 0, f"sites.{view.name}.{field}", message, rule, remedy)
