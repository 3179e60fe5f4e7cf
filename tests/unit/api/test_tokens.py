"""Tokens: made once, kept as digests, limited, expiring, revoked; and the commands for them."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.app.tokens import Tokens, Wish
from agent.cli import application
from agent.errors import Refused
from agent.store.audit import AuditStore
from agent.store.tokens import TokenStore
from agent.tokens import FORM, Role, Token, checked, digest_of, expiry, spelt
from inventory import UnknownName, load_workspace
from tests.unit.api.filled import SETTINGS, Filled

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def run(workspace: Filled, *words: str) -> tuple[int, str]:
    """A command; its exit code and what it printed on stdout."""
    done = CliRunner().invoke(application, ["-w", str(workspace.root), "token", *words])
    return done.exit_code, done.stdout


def test_a_token_is_256_random_bits_behind_a_prefix() -> None:
    assert spelt(bytes(32)) == "spk_" + "A" * 43
    assert FORM.match(spelt(b"\xff" * 32))
    with pytest.raises(Refused, match="32 random bytes"):
        spelt(bytes(31))


def test_a_token_is_shown_once_and_only_its_digest_is_kept(workspace: Filled) -> None:
    code, out = run(workspace, "add", "erp", "--role", "automation", "--expires", "90d")
    secret = out.strip()
    assert (code, bool(FORM.match(secret))) == (0, True)
    assert secret not in run(workspace, "list", "--json")[1]
    kept = b"".join(path.read_bytes() for path in (workspace.root / "var").glob("spokesman.db*"))
    assert secret.encode() not in kept
    assert digest_of(secret).encode() in kept
    assert not [one for one in AuditStore(workspace.serving.engine).events() if secret in str(one)]


def test_the_list_shows_what_each_may_do_and_when_it_was_used(workspace: Filled) -> None:
    run(workspace, "add", "portal", "--role", "customer", "--customer", "acme", "--site", "leeds", "--site", "york")
    run(workspace, "add", "old", "--role", "operator", "--expires", "never")
    run(workspace, "revoke", "old", "--reason", "replaced")
    found = {one["name"]: one for one in json.loads(run(workspace, "list", "--json")[1])}
    assert found["portal"]["sites"] == ["leeds", "york"]
    assert (found["portal"]["usable"], found["old"]["usable"], found["old"]["expires_at"]) == (True, False, None)
    assert "digest" not in found["portal"]
    events = [one for one in AuditStore(workspace.serving.engine).events() if one.subject == "old"]
    assert [(one.action, one.why) for one in events] == [("token.add", ""), ("token.revoke", "replaced")]


REFUSED = (
    (("add", "X", "--role", "engineer"), "no name for a token"),
    (("add", "api:root", "--role", "engineer"), "no name for a token"),
    (("add", "x", "--role", "customer"), "limited to a customer"),
    (("add", "x", "--role", "engineer", "--site", "leeds"), "within a customer"),
    (("add", "x", "--role", "customer", "--customer", "none"), "no customer 'none'"),
    (("add", "x", "--role", "customer", "--customer", "acme", "--site", "none"), "no site 'acme/none'"),
    (("add", "x", "--role", "engineer", "--expires", "0d"), "no expiry"),
    (("add", "x", "--role", "engineer", "--expires", "2020-01-01"), "expired already"),
    (("add", "x", "--role", "engineer", "--expires", "9999-12-31"), "no expiry"),
    (("revoke", "x"), "no token of this name"),
)


@pytest.mark.parametrize(("words", "why"), REFUSED, ids=[" ".join(words) for words, _ in REFUSED])
def test_what_makes_no_sense_is_refused(words: tuple[str, ...], why: str, shared: Filled) -> None:
    code, out = run(shared, *words, "--json")
    error = json.loads(out)["error"]
    assert (code, why in json.dumps(error)) == (1, True), error


def test_a_name_is_given_once(workspace: Filled) -> None:
    for number in range(2):
        code, _ = run(workspace, "add", "erp", "--role", "engineer")
        assert code == number
    run(workspace, "revoke", "erp")
    assert run(workspace, "add", "erp", "--role", "engineer")[0] == 1
    assert run(workspace, "revoke", "erp")[0] == 1


def test_a_token_can_be_revoked_while_a_customers_file_is_wrong(workspace: Filled) -> None:
    run(workspace, "add", "erp", "--role", "engineer")
    (workspace.root / "customers" / "acme.yaml").write_text("customer: [")
    assert run(workspace, "revoke", "erp")[0] == 0
    assert run(workspace, "list")[0] == 0
    (workspace.root / SETTINGS).write_text("[api")
    assert run(workspace, "list")[0] == 1


def test_only_the_whole_token_is_recognised(workspace: Filled) -> None:
    secret = workspace.token(Role.ENGINEER, name="one")
    tokens = Tokens(workspace.serving.engine)
    found = tokens.recognise(secret)
    assert found is not None
    assert found.name == "one"
    for forged in (
        secret[:-1],
        secret + "A",
        secret.lower(),
        secret.upper(),
        digest_of(secret),
        "",
        "spk_",
        " " + secret,
    ):
        assert tokens.recognise(forged) is None, forged


def test_the_last_use_is_written_once_a_minute_at_most(workspace: Filled) -> None:
    now = [NOW]
    tokens = Tokens(workspace.serving.engine, lambda: now[0])
    _, secret = tokens.add(Wish("one", Role.ENGINEER), load_workspace(workspace.root), "tests")
    seen = []
    for seconds in (0, 30, 59, 60):
        now[0] = NOW + timedelta(seconds=seconds)
        token = tokens.recognise(secret)
        assert token is not None
        tokens.used(token)
        again = tokens.recognise(secret)
        assert again is not None
        seen.append(again.last_used_at)
    assert seen == [NOW, NOW, NOW, NOW + timedelta(seconds=60)]


def test_two_tokens_cannot_share_a_digest(workspace: Filled) -> None:
    tokens = Tokens(workspace.serving.engine, randomness_of=bytes)
    inventory = load_workspace(workspace.root)
    tokens.add(Wish("one", Role.ENGINEER), inventory, "tests")
    with pytest.raises(Refused):
        tokens.add(Wish("two", Role.CUSTOMER, "acme"), inventory, "tests")
    with pytest.raises(UnknownName):
        tokens.add(Wish("two", Role.CUSTOMER, "nobody"), inventory, "tests")
    assert [one.name for one in TokenStore(workspace.serving.engine).tokens()] == ["one"]


@given(st.sampled_from(Role), st.sampled_from(["", "a"]), st.lists(st.sampled_from("xyz"), unique=True))
def test_what_a_token_may_see_is_within_its_limits(role: Role, customer: str, sites: list[str]) -> None:
    token = Token("t", role, "0", NOW, "tests", customer, tuple(sites))
    try:
        checked(token)
    except Refused:
        assert not customer
        assert sites or role is Role.CUSTOMER
        return
    assert token.may_see("b", "x") == (not customer)
    for site in "xyz":
        assert token.may_see("a", site) == (not sites or site in sites)


def test_expiries_are_read_as_people_write_them() -> None:
    assert expiry("90d", NOW) == NOW + timedelta(days=90)
    assert expiry("2027-01-31", NOW) == datetime(2027, 2, 1, tzinfo=UTC)
    assert expiry("never", NOW) is None
    for wrong in ("", "90", "d", "-1d", "99999d", "31.1.2027", "soon", "9999-12-31"):
        with pytest.raises(Refused, match="no expiry"):
            expiry(wrong, NOW)


def test_the_database_keeps_no_token_even_where_it_is_read_raw(workspace: Filled) -> None:
    workspace.token(Role.ENGINEER, name="raw")
    with sqlite3.connect(Path(workspace.root) / "var" / "spokesman.db") as raw:
        dump = "\n".join(raw.iterdump())
    assert "raw" in dump
    assert not re.search(r"spk_[A-Za-z0-9_-]{43}", dump)
