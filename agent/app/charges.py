"""Chargeable events, wired: recorded by people, with what the inventory knows of the order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from agent.app.app import App, utc_now
from agent.errors import Refused
from agent.events import Event, Result
from agent.requests.charges import Band, ChangeType, Charge, ChargeKind, band_of
from agent.requests.model import YEARS
from agent.store.incidents import Incidents
from agent.store.requests import SqlRequests
from inventory import SiteView
from inventory.site import Order


@dataclass(frozen=True)
class Happened:
    """A chargeable event as a person tells it; ``on`` is a day or a moment, empty for now."""

    kind: ChargeKind
    site: str
    on: str = ""
    note: str = ""
    change: ChangeType | None = None
    order: str = ""
    incident: str = ""
    request: str = ""


def read_about(pairs: Iterable[str]) -> dict[str, str]:
    """What a charge belongs to, from ``name=value`` words."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        if name not in ("order", "incident", "request") or name in found or not re.fullmatch(r"[!-~]{1,40}", text):
            raise Refused(f"{pair[:60]!r} is nothing it can belong to", remedy="write order=…, incident=… or request=…")
        found[name] = text
    return found


def record(app: App, happened: Happened, who: str) -> Charge:
    """Keep a chargeable event; Refused where something is missing that its kind needs."""
    view, now = app.inventory.site(happened.site), utc_now()
    zone = ZoneInfo(view.customer.calendar.timezone)
    at = _moment(happened.on, zone) if happened.on else now
    if at > now:
        raise Refused("it has not happened yet", where=happened.on, remedy="record it when it has")
    if (happened.change is not None) != (happened.kind is ChargeKind.ORDER_CHANGE):
        raise Refused("the type of change belongs to an order_change, and only there", remedy="give or drop --change")
    order = _order(view, happened)
    if happened.request:
        SqlRequests(app.engine).request(happened.request)
    incident = Incidents(app.engine).incident(happened.incident).reference if happened.incident else ""
    if len(happened.note) > 500 or not happened.note.isprintable():
        raise Refused("the note must be one line of at most 500 characters", remedy="shorten it")
    charge = Charge(
        kind=happened.kind,
        customer=view.customer.customer,
        site=view.name,
        occurred_at=at,
        recorded_at=now,
        who=who,
        note=happened.note,
        order=happened.order,
        request=happened.request.upper(),
        incident=incident,
        change=happened.change,
        band=_band(happened.kind, order, at.astimezone(zone).date()),
        source=f"cancellation {happened.order}" if happened.kind is ChargeKind.CANCELLATION else "",
    )
    kept = SqlRequests(app.engine).charge(charge)
    app.audit.record(Event(now, who, "charge", kept.reference, f"{kept.kind} at {view.key}", Result.DONE, kept.basis))
    return kept


def charged(app: App, customer: str | None, since: datetime | None) -> tuple[Charge, ...]:
    """Chargeable events, in the order in which they happened."""
    return SqlRequests(app.engine).charged(customer, since)


def _order(view: SiteView, happened: Happened) -> Order | None:
    needed = happened.kind in (ChargeKind.CANCELLATION, ChargeKind.ORDER_CHANGE)
    if not happened.order:
        if needed:
            known = ", ".join(order.reference for order in view.site.orders)
            raise Refused(f"{happened.kind} belongs to an order", remedy=f"name it with --about order=…: {known}")
        return None
    found = [order for order in view.site.orders if order.reference == happened.order]
    if not found:
        known = ", ".join(order.reference for order in view.site.orders)
        raise Refused(f"{view.key} has no order {happened.order!r}", remedy=f"its orders: {known}")
    return found[0]


def _band(kind: ChargeKind, order: Order | None, day: date) -> Band | None:
    return band_of(order, day) if kind is ChargeKind.CANCELLATION and order is not None else None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """A day, which begins in the customer's zone, or a moment with its offset."""
    try:
        if len(text) == len("2026-11-30"):
            moment: datetime | None = datetime.combine(date.fromisoformat(text), time(), zone)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.year not in YEARS:
        raise Refused(f"{text[:40]!r} is no moment", remedy="write 2026-11-30, or 2026-11-30T21:00+00:00")
    return moment.astimezone(UTC)
