"""Orders: maintenance option, replacement, and licences to be proved [WV-4, WV-16, WV-21, WV-25, WV-33]."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.rules.base import Finding, Ground, SiteRule, at, warning
from inventory.site import Order, OrderStatus, Provider
from inventory.workspace import SiteView

#: Orders that the customer has committed to and that were not taken back.
ACTIVE = frozenset({OrderStatus.SIGNED, OrderStatus.ACCEPTED, OrderStatus.DELIVERED})
#: Orders that let a site be provisioned.
PROVISIONABLE = frozenset({OrderStatus.ACCEPTED, OrderStatus.DELIVERED})
ENDED = frozenset({OrderStatus.CANCELLED, OrderStatus.REQUOTED})


def maintenance(view: SiteView, _: Ground) -> Iterator[Finding]:
    """Each active order states the site's maintenance option."""
    for index, order in enumerate(view.site.orders):
        if order.status in ACTIVE and order.maintenance is None:
            place = at(view, "orders", index, "maintenance")
            yield Finding(place, f"order {order.reference} states no maintenance option", "add it, such as 24x7x4")


def some_active_order(view: SiteView, _: Ground) -> Iterator[Finding]:
    """A site without an accepted order is kept, and not provisioned."""
    if not any(order.status in PROVISIONABLE for order in view.site.orders):
        message = "has no accepted order, so it will not be provisioned"
        yield warning(at(view, "orders"), message, "set status: accepted when the order is")


def signature(view: SiteView, _: Ground) -> Iterator[Finding]:
    """An active order has the date of its signature, from which cancellation is charged."""
    for index, order in enumerate(view.site.orders):
        if order.status in ACTIVE and order.signed is None:
            message = f"order {order.reference} is {order.status} without a date of signature"
            yield warning(at(view, "orders", index, "signed"), message, "add signed: YEAR-MONTH-DAY")


def replacement(view: SiteView, _: Ground) -> Iterator[Finding]:
    """An order that replaces another after a new quotation names one of this site that has ended."""
    orders = {order.reference: order for order in view.site.orders}
    for index, order in enumerate(view.site.orders):
        place = at(view, "orders", index, "replaces")
        if order.replaces is None:
            continue
        old = orders.get(order.replaces)
        if old is None or old is order:
            yield Finding(place, "is no other order of this site", "name the order that was re-quoted")
        elif old.status not in ENDED:
            message = f"order {old.reference} is replaced and still {old.status}"
            yield Finding(place, message, "set the old order's status to requoted or cancelled")


def licences(view: SiteView, _: Ground) -> Iterator[Finding]:
    """Where a licence must be proved, an order is not delivered before the proof is recorded."""
    for index, order in enumerate(view.site.orders):
        for number, kind in unproved(order):
            place = at(view, "orders", index, "licences", number, "proof")
            remedy = "record the proof and its date"
            if order.status is OrderStatus.DELIVERED:
                yield Finding(
                    place, f"order {order.reference} is delivered without proof of the {kind} licence", remedy
                )
            elif order.status in ACTIVE:
                message = f"delivery is held: no proof of the {kind} licence is recorded"
                yield warning(place, message, remedy)


def unproved(order: Order) -> Iterator[tuple[int, str]]:
    """Number and kind of each licence that is required and not proved; a proof counts with its date."""
    for number, licence in enumerate(order.licences):
        if licence.required and (licence.proof is None or licence.recorded is None):
            yield number, licence.kind


def service_level(view: SiteView, _: Ground) -> Iterator[Finding]:
    """The access service levels are for the provider's own access; the customer's has none."""
    if view.site.access.provided_by is not Provider.CPA:
        return
    for index, order in enumerate(view.site.orders):
        if order.service_level != "none":
            place = at(view, "orders", index, "service_level")
            yield Finding(place, "a customer provided access has no service level", "write none")


RULES = (
    SiteRule("WV-4", maintenance),
    SiteRule("WV-16", licences),
    SiteRule("WV-21", some_active_order),
    SiteRule("WV-21", replacement),
    SiteRule("WV-25", signature),
    SiteRule("WV-33", service_level),
)
