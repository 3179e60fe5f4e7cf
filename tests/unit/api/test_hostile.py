"""Requests that are oversized, malformed, ambiguous, repeated or many: refused plainly, and nothing is done twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.api.application import World
from agent.api.guards.rates import MOST_BUCKETS, Buckets, address_of
from agent.api.guards.strict_json import NotStrict, read
from agent.store.audit import AuditStore
from agent.tokens import Role
from inventory.settings import Rate
from tests import leaping
from tests.unit.api.calls import calls
from tests.unit.api.conftest import Client, client_of
from tests.unit.api.filled import Filled

JSON = {"Content-Type": "application/json"}
PATH = "/v1/incidents/INC-000001/contact"
GOOD = b'{"words": "hello"}'

NOT_JSON = {
    "cut off": b'{"words": "he',
    "nothing usable": b"hello",
    "a key twice": b'{"words": "a", "words": "b"}',
    "a key twice, deep": b'{"words": [{"a": 1, "a": 2}]}',
    "not a number": b'{"words": NaN}',
    "infinite": b'{"words": -Infinity}',
    "too large a number": b'{"words": 1e999}',
    "too long a number": b'{"words": ' + b"9" * 5000 + b"}",
    "not UTF-8": b'{"words": "\xff\xfe"}',
    "overlong UTF-8": b'{"words": "\xc0\xaf"}',
    "half a character": b'{"words": "\\ud800"}',
    "a byte order mark": b'\xef\xbb\xbf{"words": "a"}',
    "UTF-16": '{"words": "a"}'.encode("utf-16"),
    "two documents": b'{"words": "a"}{"words": "b"}',
    "a comment": b'{"words": "a"} // b',
    "too deep": b"[" * 17 + b"]" * 17,
    "far too deep": b"[" * 30_000,
    "a NUL": b"\0",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_or_means_two_things_is_refused(body: bytes, engineer: Client) -> None:
    answer = engineer.post(PATH, content=body, headers=JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["detail"].startswith("the body is not usable JSON: ")


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False,
       allow_infinity=False) | st.text(st.characters(codec="utf-8")),
       lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner,
                                                                   max_size=4), max_leaves=10))  # fmt: skip
def test_every_json_document_is_read_as_it_is(value: Any) -> None:
    assert read(json.dumps(value).encode(), 32) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(NotStrict):
        json.dumps(read(body, 16)).encode()


NOT_VALID = {
    "a list": b"[]",
    "nothing": b"null",
    "a missing key": b"{}",
    "an unknown key": b'{"words": "a", "word": "b"}',
    "a number for a text": b'{"words": 1}',
    "an empty text": b'{"words": ""}',
    "a control character": b'{"words": "a\\nb"}',
    "a control character of old": b'{"words": "a\\u009b31m"}',
    "a turn of direction": b'{"words": "a\\u202eb"}',
    "a NUL in a text": b'{"words": "a\\u0000"}',
    "too long a text": b'{"words": "' + b"a" * 501 + b'"}',
}


@pytest.mark.parametrize("body", NOT_VALID.values(), ids=NOT_VALID.keys())
def test_what_does_not_fit_the_description_is_refused_with_its_place(body: bytes, engineer: Client) -> None:
    answer = engineer.post(PATH, content=body, headers=JSON)
    assert answer.status_code == 422
    assert all(reason["where"].startswith("body") for reason in answer.json()["reasons"])


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"},
     JSON | {"Content-Encoding": "gzip"}, {"Content-Type": "application/json-patch+json"}],
)  # fmt: skip
def test_a_body_of_another_kind_is_refused(headers: dict[str, str], engineer: Client) -> None:
    assert engineer.post(PATH, content=GOOD, headers=headers).status_code == 415


def test_json_with_a_character_set_is_json(engineer: Client) -> None:
    kind = {"Content-Type": "application/json; charset=utf-8"}
    assert engineer.post(PATH, content=GOOD, headers=kind).status_code == 200


def test_what_is_too_large_is_refused_with_a_length_and_in_chunks(engineer: Client) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1000

    for body in (b" " * 70_000, chunks()):
        answer = engineer.post(PATH, content=body, headers=JSON)
        assert (answer.status_code, answer.json()["detail"]) == (413, "the body is larger than 65536 bytes")


def test_a_length_that_no_body_follows_is_believed_and_refused(engineer: Client) -> None:
    """The server gives the length as the client said it; nothing is read for it."""
    answer = engineer.post(PATH, content=b"", headers=JSON | {"Content-Length": "9" * 30, "Expect": "100-continue"})
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "limits=1", "cursor=", "cursor=a/../b%00", "limit=1e1"],
)
def test_parameters_that_are_wrong_misspelt_or_twice_are_refused(query: str, engineer: Client) -> None:
    assert engineer.get(f"/v1/inventory/sites?{query}").status_code == 422


@pytest.mark.parametrize("cursor", ["0", "9" * 18])
@pytest.mark.parametrize("path", ["plans", "incidents", "alarms", "events", "requests"])
def test_any_number_is_a_cursor(path: str, cursor: str, engineer: Client) -> None:
    assert engineer.get(f"/v1/{path}?cursor={cursor}").status_code == 200


@pytest.mark.parametrize(
    ("path", "size"),
    [("inventory/customers", 2), ("inventory/sites", 6), ("inventory/routers", 6), ("inventory/lync-servers", 2),
     ("plans", 2), ("archive/routers", 3), ("archive/routers/acme-lon-r1/versions", 2), ("alarms", 3),
     ("incidents", 3), ("status", 6), ("status/lync-servers", 2), ("events", 4)],
)  # fmt: skip
def test_pages_together_are_the_whole_list(path: str, size: int, engineer: Client) -> None:
    whole = engineer.get(f"/v1/{path}?limit=200").json()["items"]
    assert len(whole) >= size
    found: list[Any] = []
    cursor = "-1"
    while cursor:
        page = engineer.get(f"/v1/{path}?limit=1" + ("" if cursor == "-1" else f"&cursor={cursor}")).json()
        found += page["items"]
        cursor = page["next_cursor"]
    assert found[-size:] == whole[-size:]


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/", "/v1/plans/", "/v2/plans", "//v1/plans", "/v1/plans/..%2f..%2fetc",
     "/docs", "/redoc", "/openapi.json", "/v1/archive/routers/acme-lon-r1/versions/1/reveal"],
)  # fmt: skip
def test_paths_that_lead_nowhere_are_told_so_and_lead_nowhere_else(path: str, engineer: Client, nobody: Client) -> None:
    assert engineer.get(path).status_code in (404, 422)
    assert nobody.get(path).status_code == 401


def test_methods_that_a_path_has_not_are_refused_with_those_it_has(engineer: Client) -> None:
    for method in ("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"):
        answer = engineer.request(method, "/v1/plans")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST"), method


def test_the_same_key_sent_at_once_many_times_is_one_request(workspace: Filled) -> None:
    client = client_of(workspace, workspace.token(Role.AUTOMATION))
    call = calls("acme", "one")["submitRequest"]

    async def all_at_once() -> list[Any]:
        asked = (client.ask(call.method, call.path, json=call.json, headers=call.headers) for _ in range(12))
        return await asyncio.gather(*asked)

    answers = asyncio.run(all_at_once())
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["request"] for one in answers}) == 1
    assert {one.headers["location"] for one in answers} == {f"/v1/requests/{answers[0].json()['request']}"}
    other = call.json | {"reference": "another"}
    refused = client.post(call.path, json=other, headers=call.headers)
    assert refused.status_code == 409
    assert len(client.get("/v1/requests").json()["items"]) == 3


def test_moments_and_parameters_at_the_ends_of_what_can_be_are_answered_plainly(engineer: Client) -> None:
    order = {"kind": "add_vpn", "customer": "acme", "site": "leeds", "parameters": {}}
    moments = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00")
    bodies = [order | {"not_before": moment} for moment in moments]
    bodies += [order | {"parameters": {str(number): 1 for number in range(size)}} for size in (20, 21)]
    bodies += [order | {"parameters": {"a": "b" * 20_000}}, order | {"parameters": {"\u0000": "\u0000"}}]
    for number, body in enumerate(bodies):
        headers = {"Idempotency-Key": f"end-{number}"}
        answers = [engineer.post("/v1/requests", json=body, headers=headers) for _ in range(2)]
        assert answers[0].status_code in (201, 409, 422), answers[0].text
        assert answers[0].status_code == answers[1].status_code
    assert engineer.get("/v1/requests").status_code == 200


def test_a_request_is_cancelled_once_and_not_approved_before_it_has_a_plan(workspace: Filled) -> None:
    customer = client_of(workspace, workspace.token(Role.CUSTOMER, "acme", name="portal"))
    operator = Client(customer.app, workspace.token(Role.OPERATOR, name="desk"))
    made = calls("acme", "one")["submitRequest"].by(customer).json()
    assert (made["state"], made["who"]) == ("submitted", "api:portal")
    path = f"/v1/requests/{made['request']}"
    assert operator.post(f"{path}/approve", json={}).status_code == 409
    cancelled = operator.post(f"{path}/cancel", json={"why": "asked for by telephone"})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert operator.post(f"{path}/cancel", json={"why": "again"}).status_code == 409
    seen = customer.get(path).json()
    assert [(one["state"], one["who"]) for one in seen["steps"]] == [("submitted", "api:portal"), ("cancelled", "")]


def test_two_keys_for_one_request_are_refused(engineer: Client) -> None:
    call = calls("acme")["submitRequest"]

    async def twice() -> int:
        transport = httpx.ASGITransport(engineer.app)
        headers = [("Authorization", f"Bearer {engineer.token}"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
        async with httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as client:
            return (await client.post(call.path, json=call.json)).status_code

    assert asyncio.run(twice()) == 422


def test_the_same_key_of_another_token_is_another_request(workspace: Filled) -> None:
    call = calls("acme", "one")["submitRequest"]
    first = call.by(client_of(workspace, workspace.token(Role.AUTOMATION)))
    second = call.by(client_of(workspace, workspace.token(Role.AUTOMATION)))
    assert first.json()["request"] != second.json()["request"]
    assert second.json()["state"] == "refused"  # it changes what the first one is to change


def test_a_token_that_asks_too_much_waits_and_the_others_do_not(workspace: Filled) -> None:
    now = [0.0]
    world = World(monotonic=lambda: now[0])
    token = workspace.token(Role.ENGINEER)
    client = client_of(workspace, token, world, token_rate=Rate(per_second=0.5, burst=3))
    assert [client.get("/v1/token").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.post(PATH, json={"words": "x"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    other = Client(client.app, workspace.token(Role.ENGINEER))
    assert other.get("/v1/token").status_code == 200
    now[0] += 2.0
    assert [client.get("/v1/token").status_code for _ in range(2)] == [200, 429]


def test_attempts_without_a_token_are_limited_and_do_not_lock_out_who_has_one(workspace: Filled) -> None:
    now = [0.0]
    world = World(monotonic=lambda: now[0])
    nobody = client_of(workspace, "", world, failure_rate=Rate(per_second=1, burst=2))
    assert [nobody.get("/v1/token").status_code for _ in range(3)] == [401, 401, 429]
    assert Client(nobody.app, workspace.token(Role.ENGINEER)).get("/v1/token").status_code == 200
    assert nobody.get("/v1/health").status_code == 200
    assert nobody.post(PATH, json={"words": "x"}).status_code == 429
    assert not [one for one in AuditStore(workspace.serving.engine).events() if one.action.startswith("api.")]


def test_an_address_is_limited_whatever_its_tokens(workspace: Filled) -> None:
    client = client_of(
        workspace,
        workspace.token(Role.ENGINEER),
        World(monotonic=lambda: 0.0),
        address_rate=Rate(per_second=1, burst=2),
    )
    assert [client.get("/v1/health").status_code for _ in range(3)] == [200, 200, 429]


@given(st.lists(st.tuples(st.floats(0, 10), st.booleans()), max_size=60))
def test_a_bucket_never_gives_more_than_its_rate_and_gives_what_it_promised(steps: list[tuple[float, bool]]) -> None:
    buckets, now, given_out = Buckets(Rate(per_second=2, burst=3)), 0.0, 0
    for pause, wait_as_told in steps:
        now += pause
        wait_s = buckets.take("one", now)
        given_out += not wait_s
        if wait_s and wait_as_told:
            now += wait_s + 1e-9
            assert buckets.take("one", now) == 0
            given_out += 1
        assert given_out <= 3 + 2 * now + 1e-6


def test_buckets_of_many_addresses_take_bounded_memory() -> None:
    buckets = Buckets(Rate(per_second=1, burst=1))
    for number in range(3 * MOST_BUCKETS):
        buckets.take(str(number), 0.0)
    assert len(buckets) == MOST_BUCKETS


def test_a_subscriber_with_many_addresses_is_one() -> None:
    addresses = [address_of({"client": (f"2001:db8:1:2::{number:x}", 1)}) for number in range(1, 5)]
    assert set(addresses) == {"2001:db8:1:2::/64"}
    assert address_of({"client": ("::ffff:192.0.2.1", 1)}) == address_of({"client": ("192.0.2.1", 1)})


def test_a_request_that_takes_too_long_is_answered_and_keeps_its_place_until_it_ends(
    workspace: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from agent.incidents.desk import Desk

    go, began = threading.Event(), threading.Event()
    real = Desk.contact

    def slow(self: Desk, reference: str, who: str, how: str) -> Any:
        began.set()
        assert go.wait(30)
        return real(self, reference, who, how)

    monkeypatch.setattr(Desk, "contact", slow)
    client = client_of(workspace, workspace.token(Role.ENGINEER), request_timeout_s=4, concurrency=1)

    async def story() -> tuple[Any, Any, Any]:
        late = await client.ask("POST", PATH, json={"words": "late"})
        waiting = asyncio.ensure_future(client.ask("GET", "/v1/token"))
        await asyncio.sleep(0)
        assert began.is_set()
        go.set()
        return late, await waiting, await client.ask("GET", "/v1/incidents/INC-000001")

    late, waited, after = leaping.run(story(), lambda: began.is_set() and not go.is_set())
    assert (late.status_code, waited.status_code) == (504, 200)
    assert after.json()["timeline"][-1]["text"] == "late"
    uncertain = [one for one in AuditStore(workspace.serving.engine).events() if one.action == "api.contactIncident"]
    assert [one.result.value for one in uncertain] == ["uncertain"]


def test_a_fault_of_the_service_shows_nothing_but_its_name_in_the_log(
    workspace: Filled, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from agent.incidents.desk import Desk

    def broken(*_arguments: Any) -> Any:
        raise ZeroDivisionError("a secret of the inside")

    monkeypatch.setattr(Desk, "contact", broken)
    client = client_of(workspace, workspace.token(Role.ENGINEER))
    answer = client.post(PATH, json={"words": "x"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    name = answer.json()["instance"].rpartition(":")[2]
    assert [one for one in caplog.records if name in one.getMessage() and one.levelname == "ERROR"]
    assert client.get("/v1/token").status_code == 200


def test_every_answer_has_the_headers_that_keep_browsers_and_caches_out(engineer: Client, nobody: Client) -> None:
    for answer in (engineer.get("/v1/token"), nobody.get("/v1/token"), engineer.get("/nowhere")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
    crossing = engineer.get("/v1/token", headers={"Origin": "https://evil.example"})
    assert not [name for name in crossing.headers if name.startswith("access-control")]
