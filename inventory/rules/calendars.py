"""Time as people write it: zones, business hours, active windows and maintenance windows [WV-32, LY-6]."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from functools import cache

from inventory.customer import Customer
from inventory.rules.base import CustomerRule, Finding, Ground, Place, SiteRule, WorkspaceRule, at, of
from inventory.times import parse_days, parse_hours
from inventory.workspace import SiteView


def timezone(customer: Customer, _: Ground) -> Iterator[Finding]:
    """The calendar's time zone is one of the IANA database."""
    if customer.calendar.timezone not in _zones():
        place = of(customer, "calendar", "timezone")
        yield Finding(place, "is no time zone that is known here", "write it like Europe/London")


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def business_hours(customer: Customer, _: Ground) -> Iterator[Finding]:
    """Business hours are days and hours."""
    try:
        parse_hours(customer.calendar.business_hours)
    except ValueError as error:
        yield Finding(of(customer, "calendar", "business_hours"), str(error), "write it like Mon-Fri 08:00-17:00")


def change_window(customer: Customer, _: Ground) -> Iterator[Finding]:
    """A customer's window for changes is days and hours."""
    if customer.calendar.change_window is not None:
        try:
            parse_hours(customer.calendar.change_window)
        except ValueError as error:
            yield Finding(of(customer, "calendar", "change_window"), str(error), "write it like Sat 22:00-04:00")


def request_window(ground: Ground) -> Iterator[Finding]:
    """The provider's hours for requests are days and hours."""
    if ground.settings is not None and ground.settings.requests.window is not None:
        try:
            parse_hours(ground.settings.requests.window)
        except ValueError as error:
            yield Finding(Place(None, ("requests", "window")), str(error), "write it like Mon-Fri 08:00-18:00")


def active_windows(view: SiteView, _: Ground) -> Iterator[Finding]:
    """An active window repeats on named days and lasts some time."""
    for index, window in enumerate(view.site.active_windows):
        place = at(view, "active_windows", index)
        try:
            parse_days(window.days)
        except ValueError as error:
            yield Finding(place / "days", str(error), "write it like Sat, or Mon-Fri")
        if window.start == window.end:
            yield Finding(place / "to", "starts and ends at the same time", "correct one of them")


def patch_windows(customer: Customer, _: Ground) -> Iterator[Finding]:
    """A maintenance window for patches is days and hours."""
    for name, server in customer.lync.servers.items():
        if server.support and server.support.patching:
            try:
                parse_hours(server.support.patching.window)
            except ValueError as error:
                place = of(customer, "lync", "servers", name, "support", "patching", "window")
                yield Finding(place, str(error), "write it like Sun 02:00-05:00")


RULES = (
    CustomerRule("INV-10", timezone),
    CustomerRule("INV-10", business_hours),
    CustomerRule("WV-22", change_window),
    WorkspaceRule("WV-22", request_window),
    SiteRule("WV-32", active_windows),
    CustomerRule("LY-6", patch_windows),
)
