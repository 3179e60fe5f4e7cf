"""Submitting, approving and cancelling: what is kept, what is refused, and that repeating is harmless."""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import ConfigurationProblem, Refused
from agent.requests.judging import entry_of
from agent.requests.model import State
from inventory import InventoryError
from inventory.described import descriptions
from tests.examples import examples
from tests.unit.requests.bench import ADD, Bench, Edit, asked, path_of

KEYS = itertools.count()


def test_a_good_request_is_kept_and_told(bench: Bench) -> None:
    request = bench.submit()
    assert (request.reference, request.state, bench.intent) == ("SSR-000001", State.SUBMITTED, "")
    assert bench.told() == ["submitted"]


def test_the_same_key_and_content_is_the_same_request(bench: Bench) -> None:
    first = bench.submit()
    again = bench.submit(parameters=dict(reversed(ADD.items())))
    assert again == first
    assert bench.told() == ["submitted"]


def test_the_same_key_with_other_content_is_refused(bench: Bench) -> None:
    bench.submit()
    with pytest.raises(Refused, match="SSR-000001"):
        bench.submit(parameters={**ADD, "prefix": "10.10.36.0/22"})
    assert len(bench.desk.list()) == 1


def test_a_key_is_of_one_submitter(bench: Bench) -> None:
    mine = bench.submit()
    other = bench.desk.submit(asked(parameters={**ADD, "prefix": "10.10.36.0/22"}), "token:other")
    assert other.reference != mine.reference


def test_a_repeated_key_answers_although_the_inventory_is_broken(bench: Bench) -> None:
    first = bench.submit()
    (bench.root / "customers" / "acme.yaml").write_text("{")
    assert bench.submit() == first
    with pytest.raises(InventoryError):
        bench.submit(key="new")


def test_ten_at_once_with_one_key_are_one_request(bench: Bench) -> None:
    with ThreadPoolExecutor(10) as threads:
        found = list(threads.map(lambda _: bench.submit().reference, range(10)))
    assert set(found) == {"SSR-000001"}
    assert bench.told() == ["submitted"]


def test_ten_at_once_for_one_thing_are_one_pending_request(bench: Bench) -> None:
    with ThreadPoolExecutor(10) as threads:
        found = list(threads.map(lambda number: bench.submit(key=f"k{number}").state, range(10)))
    assert sorted(map(str, found)) == ["refused"] * 9 + ["submitted"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({**ADD, "prefix": "10.10.32.1/22"}, "write 10.10.32.0/22"),
        ({**ADD, "prefix": "10.10.32.0"}, "prefix"),
        ({**ADD, "via": 168430335}, "via"),
        ({**ADD, "vpn": "Corporate"}, "vpn"),
        ({"vpn": "corporate"}, "is missing"),
        ({**ADD, "metric": 5}, "metric is not a known key"),
        ({**ADD, "vpn": {"a": ["b"]}}, "vpn"),
        ({**ADD, "via": "10.10.2.254\n ip route 0.0.0.0 0.0.0.0 Null0"}, "via"),
    ],
)
def test_what_is_malformed_is_refused_in_plain_words_and_not_kept(
    bench: Bench, parameters: dict[str, object], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        bench.submit(parameters=parameters)
    assert bench.desk.list() == ()
    assert bench.told() == []


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "fields",
    [
        {"key": ""}, {"key": "x" * 101}, {"key": "a b"}, {"kind": "Add"}, {"site": "../london"}, {"site": ""},
        {"not_before": "2026-11-30T10:00:00"}, {"not_before": "tomorrow"}, {"not_before": "9999-12-31T23:59:59-14:00"},
        {"not_before": "0001-01-01T00:00:00+14:00"}, {"expedite": "yes"}, {"reference": "a\nb"},
        {"reference": "x" * 81}, {"expedite": "perhaps"}, {"parameters": [1]}, {"parameters": {"x": "y" * 9000}},
        {"parameters": {str(n): n for n in range(30)}}, {"parameters": {"x": nested(250)}},
        {"parameters": {"x": nested(900)}}, {"parameters": {"x": math.nan}}, {"parameters": {"x": "\ud800"}},
        {"state": "applied"}, {"approved_by": "eve"},
    ],
)  # fmt: skip
def test_what_is_no_submission_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="this is no request"):
        asked(**fields)


@pytest.mark.parametrize("moment", ["tomorrow", "2026-11-30", "2026-11-30T10:00:00"])
def test_a_moment_that_cannot_be_read_is_refused_with_one_that_can(moment: str) -> None:
    with pytest.raises(Refused, match="not_before must be a moment with its offset, such as 2026-12-01T22:00"):
        asked(not_before=moment)


@pytest.mark.parametrize(
    ("kind", "site", "parameters", "words"),
    [
        ("add_static_route", "nowhere", ADD, "there is no site acme/nowhere"),
        ("add_static_route", "york", {**ADD, "via": "10.10.3.254"}, "not in service"),
        ("add_static_route", "leeds", {**ADD, "vpn": "guests"}, "WV-6"),
        ("add_static_route", "leeds", {**ADD, "via": "10.10.9.1"}, "is in no LAN of corporate"),
        ("add_static_route", "leeds", {**ADD, "via": "10.10.2.1"}, "the managed router itself"),
        ("add_static_route", "leeds", {**ADD, "via": "10.10.2.255"}, "INV-8"),
        ("add_static_route", "leeds", {**ADD, "prefix": "0.0.0.0/0"}, "default route"),
        ("add_static_route", "leeds", {**ADD, "prefix": "127.0.0.0/8"}, "no network that a customer uses"),
        ("add_static_route", "leeds", {**ADD, "prefix": "224.0.0.0/8"}, "no network that a customer uses"),
        ("add_static_route", "leeds", {**ADD, "prefix": "10.10.8.0/22"}, "routed already: by 10.10.1.254 at london"),
        ("add_static_route", "leeds", {**ADD, "prefix": "10.10.9.0/24"}, "INV-16"),
        ("add_static_route", "leeds", {**ADD, "prefix": "10.10.3.0/24"}, "INV-16"),
        ("add_static_route", "leeds", {**ADD, "prefix": "10.255.8.0/24"}, "tunnel network"),
        ("add_static_route", "leeds", {**ADD, "prefix": "10.254.0.0/24"}, "WV-7"),
        ("remove_static_route", "leeds", {"vpn": "corporate", "prefix": "10.10.32.0/22"}, "has no static route"),
        ("remove_static_route", "london", {"vpn": "corporate", "prefix": "10.10.8.0/22", "via": "10.10.1.9"}, "by 10"),
        ("change_snmp_feed_hosts", "leeds", {"hosts": ["10.10.2.9"]}, "WV-13"),
        ("change_snmp_feed_hosts", "london", {"hosts": ["8.8.8.8"]}, "WV-13"),
        ("change_snmp_feed_hosts", "london", {"add": ["10.10.1.9"]}, "at most two hosts"),
        ("change_snmp_feed_hosts", "london", {"remove": ["10.10.1.50", "10.10.1.51"]}, "no host is left"),
        ("change_snmp_feed_hosts", "london", {"remove": ["10.10.1.9"]}, "no host of the feed"),
        ("change_snmp_feed_hosts", "london", {"hosts": ["10.10.1.51", "10.10.1.50"]}, "hosts already"),
        ("change_snmp_feed_hosts", "london", {"hosts": ["10.10.1.9", "10.10.1.9"]}, "twice"),
        ("add_vpn", "leeds", {"name": "guests"}, "needs an order: further VPN"),
        ("change_access_bandwidth", "leeds", {}, "needs an order: access reconfiguration"),
    ],
)
def test_a_conflict_is_kept_refused_with_its_reason(
    bench: Bench, kind: str, site: str, parameters: dict[str, object], words: str
) -> None:
    request = bench.submit(kind, site, parameters=parameters)
    assert request.state is State.REFUSED
    assert words in request.reason
    assert bench.told() == ["submitted", "refused"]
    assert bench.work().advance() == ()


@pytest.mark.parametrize(
    ("kind", "site", "parameters"),
    [
        ("remove_static_route", "london", {"vpn": "corporate", "prefix": "10.10.8.0/22"}),
        ("change_snmp_feed_hosts", "london", {"hosts": ["10.10.1.60"]}),
        ("change_snmp_feed_hosts", "london", {"add": ["10.10.1.60"], "remove": ["10.10.1.50"]}),
        ("add_static_route", "leeds", {**ADD, "prefix": "192.168.7.0/24"}),
    ],
)
def test_what_people_wrote_in_the_customers_file_can_be_changed(
    bench: Bench, kind: str, site: str, parameters: dict[str, object]
) -> None:
    assert bench.submit(kind, site, parameters=parameters).state is State.SUBMITTED


def test_a_kind_that_needs_an_order_names_it(bench: Bench) -> None:
    assert bench.submit("add_ilan", parameters={}).order == "split tunnelling (iLAN)"


def test_a_site_on_hold_is_refused(bench: Bench, edit: Edit) -> None:
    edit("customers/acme.yaml", "reference: ORD-1002, status: accepted", "reference: ORD-1002, status: quoted")
    assert "on hold" in bench.submit().reason


def test_an_approval_policy_that_names_no_kind_is_refused(bench: Bench) -> None:
    with (bench.root / "spokesman.toml").open("a") as file:
        file.write("[requests]\napproval = {add_route = false}\n")
    with pytest.raises(ConfigurationProblem, match="add_route"):
        bench.desk.approval(next(kind for kind in bench.desk.catalogue() if not kind.order))


def test_only_what_waits_is_approved_and_only_the_plan_that_was_read(bench: Bench) -> None:
    request = bench.submit()
    with pytest.raises(Refused, match="does not wait"):
        bench.desk.approve(request.reference, "olive")
    planned = bench.planned(key="k")
    with pytest.raises(Refused, match=r"P-1 by now"):
        bench.desk.approve(request.reference, "olive", "P-0")
    approved = bench.desk.approve(request.reference, "olive", planned.plan)
    assert (approved.state, approved.approved_by, approved.due) == (State.SCHEDULED, "olive", bench.now)
    with pytest.raises(Refused, match="it is scheduled"):
        bench.desk.approve(request.reference, "olive")


def test_a_request_is_cancelled_once_and_never_applied(bench: Bench) -> None:
    request = bench.scheduled()
    cancelled = bench.desk.cancel(request.reference, "eve", "not needed")
    assert path_of(cancelled)[-1] is State.CANCELLED
    assert bench.work().advance() == ()
    with pytest.raises(Refused, match="it is cancelled"):
        bench.desk.cancel(request.reference, "eve")
    assert bench.submit(key="again").state is State.SUBMITTED


@pytest.mark.parametrize("reference", ["SSR-1", "SSR-000009", "INC-000001", "", "SSR-٠٠٠٠٠١", "x" * 5000])
def test_an_unknown_reference_is_refused_shortly(bench: Bench, reference: str) -> None:
    with pytest.raises(Refused) as caught:
        bench.desk.get(reference)
    assert len(str(caught.value)) < 200


def test_the_list_is_by_customer_and_state(bench: Bench) -> None:
    bench.submit()
    bench.submit("add_vpn", key="b", parameters={})
    assert [one.reference for one in bench.desk.list()] == ["SSR-000002", "SSR-000001"]
    assert [one.reference for one in bench.desk.list("acme", State.REFUSED)] == ["SSR-000002"]
    assert bench.desk.list("beta") == ()


def test_the_catalogue_describes_every_parameter_and_its_examples_are_right(bench: Bench) -> None:
    for kind in bench.desk.catalogue():
        assert kind.title
        assert descriptions(kind.parameters).keys() == kind.parameters.model_fields.keys()
        assert kind.order or kind.parameters.model_validate(dict(kind.example))


ADDRESSES = st.builds("{}.{}.{}.{}".format, *[st.sampled_from([0, 1, 2, 8, 10, 50, 127, 224, 255, 256])] * 4)
NETWORKS = st.builds("{}/{}".format, ADDRESSES, st.integers(-1, 33))
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 10.5, "", " ", "corporate", "\x00", "é", [], {}, ["10.10.2.254"], "cctv", 10, 20]
)
VALUES = st.one_of(ADDRESSES, NETWORKS, ODD, st.lists(ADDRESSES, max_size=3))
PARAMETERS = st.dictionaries(
    st.sampled_from(["vpn", "prefix", "via", "vlan", "hosts", "add", "remove", "other"]), VALUES, max_size=5
) | st.fixed_dictionaries({"vpn": st.sampled_from(["corporate", "cctv"]), "prefix": NETWORKS, "via": ADDRESSES})


@given(
    kind=st.sampled_from(["add_static_route", "remove_static_route", "change_snmp_feed_hosts", "add_vpn"]),
    site=st.sampled_from(["leeds", "london", "york", "nowhere"]),
    parameters=PARAMETERS,
)
@settings(max_examples=examples(240), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_asked_for_is_refused_or_fits_the_inventory(
    bench: Bench, kind: str, site: str, parameters: dict[str, Any]
) -> None:
    try:
        request = bench.submit(kind, site, key=f"k{next(KEYS)}", parameters=parameters)
    except Refused:
        return
    if request.state is State.SUBMITTED:
        bench.intents.proposed("acme", entry_of(request))
        bench.desk.cancel(request.reference, "eve")
    else:
        assert (request.state, bool(request.reason)) == (State.REFUSED, True)
