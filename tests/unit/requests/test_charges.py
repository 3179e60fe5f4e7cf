"""Chargeable events [WV-24, WV-25]: bands, what each needs, and that the agent records its own once."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import Refused
from agent.requests.charges import BASES, Band, Charge, ChargeKind, band_of, cancellation_band
from inventory.site import Order
from tests.unit.requests.bench import NOON, Bench

SIGNED, INDICATIVE = date(2026, 10, 1), date(2026, 12, 1)


@pytest.mark.parametrize(
    ("cancelled", "band"),
    [
        (date(2026, 10, 1), Band.WITHIN_SEVEN_DAYS),
        (date(2026, 10, 8), Band.WITHIN_SEVEN_DAYS),
        (date(2026, 10, 9), Band.BEFORE_THREE_WEEKS),
        (date(2026, 11, 9), Band.BEFORE_THREE_WEEKS),
        (date(2026, 11, 10), Band.WITHIN_THREE_WEEKS),
        (date(2027, 1, 1), Band.WITHIN_THREE_WEEKS),
    ],
)
def test_the_band_of_a_cancellation(cancelled: date, band: Band) -> None:
    assert cancellation_band(SIGNED, INDICATIVE, cancelled) is band
    assert band_of(order(signed="2026-10-01", indicative="2026-12-01"), cancelled) is band


@given(st.dates(SIGNED, date(2028, 1, 1)), st.dates(SIGNED, date(2028, 1, 1)))
def test_a_later_cancellation_never_costs_less(first: date, second: date) -> None:
    bands = list(Band)
    early, late = sorted((first, second))
    assert bands.index(cancellation_band(SIGNED, INDICATIVE, early)) <= bands.index(
        cancellation_band(SIGNED, INDICATIVE, late)
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "no date of signature"),
        ({"signed": "2026-10-01"}, "no indicative delivery date"),
        ({"signed": "2026-11-30"}, "before it was signed"),
    ],
)
def test_an_order_whose_dates_do_not_tell_is_refused(fields: dict[str, str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        band_of(order(**fields), date(2026, 11, 25))


def order(**fields: str) -> Order:
    return Order.model_validate({"reference": "ORD-1", "status": "cancelled", **fields})


def test_every_kind_says_what_it_is_charged_by() -> None:
    assert set(BASES) == set(ChargeKind)


def test_what_has_a_source_is_recorded_once(bench: Bench) -> None:
    charge = Charge(
        kind=ChargeKind.EXPEDITE, customer="acme", site="leeds", occurred_at=NOON, recorded_at=NOON, who="spokesman",
        source="SSR-000001 expedite",
    )  # fmt: skip
    first = bench.store.charge(charge)
    assert bench.store.charge(charge) == first
    by_hand = charge.model_copy(update={"source": ""})
    assert [bench.store.charge(by_hand).reference for _ in range(2)] == ["CHG-000002", "CHG-000003"]
    assert len(bench.store.charged("acme")) == 3
    assert bench.store.charged("beta") == ()
