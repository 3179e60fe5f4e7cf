"""Secrets of every file and of what the router shows: hidden wherever they stand, alike where they are equal."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_templates.linux_frr.reading.secrets import redact
from device_templates.texts import fingerprint, hidden
from tests.unit.templates.linux_frr_read.samples import HUB, HUB_RUNNING, SECRETS

PLANTED = "pLanted-s3cret"


def test_no_secret_of_a_document_is_left() -> None:
    for text in (HUB, HUB_RUNNING):
        shown = redact(text)
        assert [secret for secret in SECRETS if secret in shown] == []
        assert shown.count("\n") == text.count("\n")
        assert redact(shown) == shown


@pytest.mark.parametrize(
    "line",
    [
        f'    secret = "{PLANTED}"',
        f"    secret = {PLANTED}",
        f"secrets {{ ike-all {{ secret = {PLANTED} }} }}",
        f"    secret = 0s{base64.b64encode(PLANTED.encode()).decode()}",
        f"    secret = 0x{PLANTED.encode().hex()}",
        f" neighbor 10.255.8.1 password {PLANTED}",
        f"+ neighbor SPOKES password {PLANTED}",
        f"- password {PLANTED}",
        f"enable password {PLANTED}",
        f" ip nhrp authentication {PLANTED}",
        f"createUser fleet SHA-256 {PLANTED} AES other-one-1",
        f'createUser fleet SHA "other-one-1" AES "{PLANTED}"',
        f"createUser -e 0x80001f fleet SHA-512 {PLANTED}",
        f"rocommunity {PLANTED} 10.0.0.0/8",
        f"rwcommunity6 {PLANTED}",
        f"com2sec readonly 10.0.0.0/8 {PLANTED}",
        f"trap2sink 10.254.0.5 {PLANTED}",
        f"trapcommunity {PLANTED}",
        f"authcommunity log,execute {PLANTED}",
        f"trapsess -v 3 -l authPriv -u fleet -a SHA-256 -A {PLANTED} -x AES -X other-one-1 10.254.0.5:162",
        f'trapsess -v 3 -u fleet -A "other-one-1" -X "{PLANTED}" 10.254.0.5',
        f"trapsess -v 2c -c {PLANTED} 10.254.0.5",
        f"        auth_pass {PLANTED}",
        f"1 SHA256 ASCII:{PLANTED}",
        f"url = https://user:{PLANTED}@example.net/",
        f'{{"name": "ike-vpn", "secret": "{PLANTED}"}}',
        f'{{"ids": [], "shared_secret": "{PLANTED}", "x": 1}}',
    ],
)
def test_every_line_that_may_hold_a_secret_hides_it(line: str) -> None:
    shown = redact(line)
    assert PLANTED not in shown
    assert "other-one-1" not in shown
    assert PLANTED.encode().hex() not in shown
    assert base64.b64encode(PLANTED.encode()).decode() not in shown
    if "ASCII" not in line:
        assert hidden(PLANTED) in shown


@pytest.mark.parametrize(
    "line",
    [
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "AuthenticationMethods password",
        "    auth = psk",
        " neighbor SPOKES prefix-list MEMBERS in",
        "rouser fleet priv",
        "agentAddress udp:10.254.0.11:161",
        '{"peer": "10.0.0.1", "state": "ESTABLISHED"}',
        "    id = acme-lon-r1.mgmt.example.net",
    ],
)
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert redact(line) == line


def test_hashes_of_logins_are_hidden() -> None:
    for mark in ("$2b$12$", "$y$j9T$", "$6$rounds=5000$"):
        assert mark not in redact(f"fleet:{mark}{'a' * 53}")
        assert mark not in redact(f"it says {mark}{'a' * 53} here")


def test_a_private_key_is_one_secret() -> None:
    text = "-----BEGIN EC PRIVATE KEY-----\nabcdef\nghijkl\n-----END EC PRIVATE KEY-----\nafter\n"
    shown = redact(text)
    assert "abcdef" not in shown
    assert "ghijkl" not in shown
    assert shown.endswith("-----END EC PRIVATE KEY-----\nafter\n")
    assert "abcdef" not in redact(text[:45])


@pytest.mark.parametrize("form", [PLANTED, base64.b64encode(PLANTED.encode()).decode()])
def test_a_known_secret_is_hidden_wherever_it_stands(form: str) -> None:
    assert redact(f"log: peer said {form} twice", [PLANTED]) == f"log: peer said {hidden(PLANTED)} twice"


def test_a_known_secret_that_is_a_word_of_marks_does_no_harm() -> None:
    shown = redact("secret = abcdefgh\nthe secret is out", ["secret", "abcdefgh"])
    assert shown == f"secret = {hidden('abcdefgh')}\nthe {hidden('secret')} is out".replace(
        "secret = ", f"{hidden('secret')} = " if shown.startswith("<") else "secret = "
    )


KEYS = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), min_size=8, max_size=40).filter(
    lambda one: one.strip() == one
)


@given(KEYS)
def test_a_key_in_json_is_hidden_whatever_it_holds(key: str) -> None:
    shown = redact(json.dumps({"secrets": [{"name": "ike-vpn", "secret": key}]}))
    assert json.loads(shown) == {"secrets": [{"name": "ike-vpn", "secret": hidden(key)}]}


@given(KEYS)
def test_a_long_json_stays_json(key: str) -> None:
    value = {"secrets": [{"name": f"ike-{number}", "secret": key} for number in range(400)]}
    shown = json.loads(redact(json.dumps(value)))
    assert {one["secret"] for one in shown["secrets"]} == {hidden(key)}


def test_the_mark_is_the_one_asked_for() -> None:
    assert redact("secret = abc", (), lambda value: value.upper()) == "secret = <secret:ABC>"
    assert fingerprint("abc") in redact("secret = abc")
