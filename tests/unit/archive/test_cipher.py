"""Sealed configurations: only the right key opens them, only unchanged, and nothing about them can be looked up."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.archive import Cipher, new_master_key
from agent.errors import ArchiveDamaged, ConfigurationProblem
from inventory import Secret

KEY = Secret(new_master_key(lambda size: bytes(range(size))))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


@given(text=TEXTS)
def test_what_is_sealed_comes_back(text: str) -> None:
    cipher = Cipher(KEY)
    digest = cipher.digest("r1", text)
    sealed = cipher.seal("r1", digest, text)
    assert cipher.open("r1", digest, sealed) == text
    assert sealed.nonce != cipher.seal("r1", digest, text).nonce


@given(data=st.data(), text=TEXTS)
def test_any_changed_bit_is_noticed(data: st.DataObject, text: str) -> None:
    cipher = Cipher(KEY)
    sealed = cipher.seal("r1", "d", text)
    in_nonce = data.draw(st.booleans())
    raw = bytearray(sealed.nonce if in_nonce else sealed.ciphertext)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    changed = replace(sealed, nonce=bytes(raw)) if in_nonce else replace(sealed, ciphertext=bytes(raw))
    with pytest.raises(ArchiveDamaged, match="not what was stored"):
        cipher.open("r1", "d", changed)


@pytest.mark.parametrize(("router", "digest"), [("r2", "d"), ("r1", "e")])
def test_a_text_cannot_pass_for_that_of_another_router_or_version(router: str, digest: str) -> None:
    cipher = Cipher(KEY)
    with pytest.raises(ArchiveDamaged):
        cipher.open(router, digest, cipher.seal("r1", "d", "text"))


def test_a_truncated_text_is_noticed() -> None:
    cipher = Cipher(KEY)
    sealed = cipher.seal("r1", "d", "text")
    for size in (0, 3, len(sealed.ciphertext) - 1):
        with pytest.raises(ArchiveDamaged):
            cipher.open("r1", "d", replace(sealed, ciphertext=sealed.ciphertext[:size]))
    with pytest.raises(ArchiveDamaged):
        cipher.open("r1", "d", replace(sealed, nonce=b""))


def test_another_key_says_which_one_is_wanted() -> None:
    ours, other = Cipher(KEY), Cipher(Secret(new_master_key()))
    with pytest.raises(ConfigurationProblem, match=f"{ours.key_id}.*{other.key_id}.*store.master_key"):
        other.open("r1", "d", ours.seal("r1", "d", "text"))


@pytest.mark.parametrize("value", ["", "short", "not base64 at all !!", "Zm9v", "ü" * 44])
def test_what_is_no_master_key_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(ConfigurationProblem, match="32 bytes in base64") as caught:
        Cipher(Secret(value))
    assert not value or value not in str(caught.value)


def test_a_digest_does_not_help_to_guess() -> None:
    text = "pre-shared-key Planted-Psk-1"
    digests = {Cipher(KEY).digest("r1", text), Cipher(Secret(new_master_key())).digest("r1", text)}
    assert len(digests) == 2
    assert hashlib.sha256(text.encode()).hexdigest() not in digests
    assert Cipher(KEY).digest("r1", text) != Cipher(KEY).digest("r2", text)
