"""Chargeable events and in-flight order changes: what is recorded, and what each is charged by [WV-24, WV-25]."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from agent.errors import Refused
from agent.requests.model import Model
from inventory.site import Order


class ChargeKind(StrEnum):
    """What is charged once, when it happens [001 6.2]."""

    FAILED_SITE_VISIT = "failed_site_visit"
    OUT_OF_HOURS_ONSITE = "out_of_hours_onsite"
    OUT_OF_HOURS_REMOTE = "out_of_hours_remote"
    OUT_OF_HOURS_REPAIR = "out_of_hours_repair"
    EXPEDITE = "expedite"
    CUSTOMER_DOMAIN_INCIDENT = "customer_domain_incident"
    NO_FAULT_FOUND = "no_fault_found"
    CANCELLATION = "cancellation"
    ORDER_CHANGE = "order_change"
    LYNC_RESTORATION = "lync_restoration"


class ChangeType(StrEnum):
    """The types of in-flight order change [WV-24, 001 6.2.2]."""

    ADMINISTRATIVE = "administrative"
    ACCESS_BANDWIDTH = "access_bandwidth"
    LOGICAL_BANDWIDTH = "logical_bandwidth"
    CPE = "cpe"
    CPE_CONFIGURATION = "cpe_configuration"
    NETWORK_CONFIGURATION = "network_configuration"
    SITE = "site"
    DATE = "date"
    CANCELLATION = "cancellation"
    OTHER_DELAY = "other_delay"


class Band(StrEnum):
    """What the cancellation of an order costs, by when it comes."""

    WITHIN_SEVEN_DAYS = "within_seven_days"
    BEFORE_THREE_WEEKS = "before_three_weeks"
    WITHIN_THREE_WEEKS = "within_three_weeks"


#: What each event is charged by, and the clause that says so.
BASES = {
    ChargeKind.FAILED_SITE_VISIT: "each failed visit [001 6.2.3.2]",
    ChargeKind.OUT_OF_HOURS_ONSITE: "on-site work outside business hours [001 6.2.3.3 i]",
    ChargeKind.OUT_OF_HOURS_REMOTE: "remote configuration outside business hours [001 6.2.3.3 ii]",
    ChargeKind.OUT_OF_HOURS_REPAIR: "repair asked for outside business hours [001 6.2.3.3 iii]",
    ChargeKind.EXPEDITE: "the costs of being faster than the service level [001 6.2.3.4]",
    ChargeKind.CUSTOMER_DOMAIN_INCIDENT: "helpdesk an incident or an hour, field engineering a visit [001 6.2.1.2]",
    ChargeKind.NO_FAULT_FOUND: "the investigation [002 14.6, 003 5.5.4]",
    ChargeKind.CANCELLATION: "by band [001 6.2.2]",
    ChargeKind.ORDER_CHANGE: "one-off, by type and point in the order cycle [001 6.2.2]",
    ChargeKind.LYNC_RESTORATION: "each restoration beyond three a year [000 3.2.1 c]",
}
BANDS = {
    Band.WITHIN_SEVEN_DAYS: "access installation charges",
    Band.BEFORE_THREE_WEEKS: "access installation charges and three months' rental",
    Band.WITHIN_THREE_WEEKS: "access installation charges and twelve months' rental",
}
_SEVEN_DAYS = timedelta(days=7)
_THREE_WEEKS = timedelta(weeks=3)


class Charge(Model):
    """A chargeable event. ``reference`` is given by the store: CHG-000001; ``source`` makes recording it twice one."""

    reference: str = ""
    kind: ChargeKind
    customer: str
    site: str
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime
    who: str
    note: Annotated[str, Field(max_length=500)] = ""
    order: str = ""
    request: str = ""
    incident: str = ""
    change: ChangeType | None = None
    band: Band | None = None
    source: str = ""

    @property
    def basis(self) -> str:
        """What it is charged by, in words."""
        if self.band is not None:
            return f"{BANDS[self.band]} [001 6.2.2]"
        return BASES[self.kind]


def cancellation_band(signed: date, indicative: date, cancelled: date) -> Band:
    """The band of a cancellation [001 6.2.2]: within seven days of signature, or by three weeks before delivery."""
    if cancelled <= signed + _SEVEN_DAYS:
        return Band.WITHIN_SEVEN_DAYS
    return Band.BEFORE_THREE_WEEKS if cancelled < indicative - _THREE_WEEKS else Band.WITHIN_THREE_WEEKS


def band_of(order: Order, cancelled: date) -> Band:
    """The band for an order as the inventory holds it; Refused where its dates do not tell."""
    where = f"order {order.reference}"
    if order.signed is None:
        raise Refused("it has no date of signature", where=where, remedy="add signed: YEAR-MONTH-DAY", rule="WV-25")
    if cancelled < order.signed:
        raise Refused("it is cancelled before it was signed", where=where, remedy="correct one of the dates")
    if cancelled <= order.signed + _SEVEN_DAYS:
        return Band.WITHIN_SEVEN_DAYS
    if order.indicative is None:
        raise Refused(
            "it has no indicative delivery date", where=where, remedy="add indicative: YEAR-MONTH-DAY", rule="WV-25"
        )
    return cancellation_band(order.signed, order.indicative, cancelled)
