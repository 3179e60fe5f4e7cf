"""When a request may be applied, and whether that is outside business hours: pure, every moment is an argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from agent.requests.model import Submission
from inventory import Inventory
from inventory.customer import Calendar, Customer
from inventory.times import Hours, parse_hours

#: Whether a day is a public holiday.
Holiday = Callable[[date], bool]


def opening(inventory: Inventory, submission: Submission, now: datetime) -> datetime:
    """The first moment from ``now`` on at which a request may be applied.

    The customer's window for changes counts, else the provider's, else any time; never before the moment that the
    customer named. An expedited request waits for no window.
    """
    earliest = max(now, submission.not_before or now)
    customer = inventory.customers.get(submission.customer)
    if customer is None or submission.expedite:
        return earliest
    window = customer.calendar.change_window or inventory.settings.requests.window
    if window is None:
        return earliest
    return next_within(parse_hours(window), ZoneInfo(customer.calendar.timezone), earliest)


def next_within(hours: Hours, zone: ZoneInfo, moment: datetime) -> datetime:
    """``moment`` where it is within ``hours`` of the zone's local time, else the next start; in UTC."""
    today = moment.astimezone(zone).date()
    for offset in range(-1, 9):
        start, end = _span(hours, zone, today + timedelta(days=offset))
        if (today + timedelta(days=offset)).weekday() in hours.days and moment < end and start < end:
            return max(moment.astimezone(UTC), start)
    return moment.astimezone(UTC)


def _span(hours: Hours, zone: ZoneInfo, day: date) -> tuple[datetime, datetime]:
    until = day if hours.end > hours.start else day + timedelta(days=1)
    return _at(day, hours.start, zone), _at(until, hours.end, zone)


def _at(day: date, moment: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, moment, zone).astimezone(UTC)


def in_business_hours(calendar: Calendar, moment: datetime, holiday: Holiday | None = None) -> bool:
    """Whether ``moment`` is within a customer's business hours, on no public holiday."""
    zone = ZoneInfo(calendar.timezone)
    closed = holiday or public_holidays(calendar)
    hours = parse_hours(calendar.business_hours)
    day = moment.astimezone(zone).date()
    for begun in (day - timedelta(days=1), day):
        start, end = _span(hours, zone, begun)
        if begun.weekday() in hours.days and start <= moment < end:
            return not closed(begun)
    return False


def by_wish_out_of_hours(customer: Customer, submission: Submission, applied: datetime) -> bool:
    """Whether work at ``applied`` is outside business hours because the customer wants it so [WV-25, 6.2.3.3].

    It is where the customer named a moment, a window for changes, or wants it expedited.
    """
    calendar = customer.calendar
    wished = submission.expedite or submission.not_before is not None or calendar.change_window is not None
    return wished and not in_business_hours(calendar, applied)


def public_holidays(calendar: Calendar) -> Holiday:
    """The public holidays of a calendar; none where it names no country, or one that is not known."""
    return lambda day: calendar.holidays is not None and day in _of_year(calendar.holidays, day.year)


@cache
def _of_year(place: str, year: int) -> frozenset[date]:
    import holidays  # every country's calendars: only where a day is asked about

    country, _, subdivision = place.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError:
        return frozenset()
