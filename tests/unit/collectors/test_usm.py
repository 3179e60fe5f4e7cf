"""Keys, codes and cipher against the RFCs' examples and pysnmp."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.type import univ
from pysnmp.proto.secmod.rfc3414.auth import hmacsha
from pysnmp.proto.secmod.rfc3826.priv import aes
from pysnmp.proto.secmod.rfc7860.auth import hmacsha2

from collectors.errors import BadTarget
from collectors.security.usm import AUTH_PROTOCOLS, KeyChain, Keys, master_key
from collectors.snmp import V3User
from inventory import Secret


def user(protocol: str = "sha", auth: str = "maplesyrup", priv: str = "maplesyrup") -> V3User:
    return V3User("u", Secret(auth), Secret(priv), "sha256" if protocol == "sha256" else "sha")


def test_rfc_3414_example_of_a_key() -> None:
    """RFC 3414, A.3.2."""
    engine = bytes.fromhex("000000000000000000000002")
    assert master_key(b"maplesyrup", AUTH_PROTOCOLS["sha"]).hex() == "9fb5cc0381497b3793528939ff788d5d79145211"
    keys = KeyChain(0).localise(user(), engine)
    assert keys.auth.hex() == "6695febc9288e36282235fc7151f128497b38f3f"
    assert keys.priv == keys.auth[:16]


@given(st.text(min_size=8, max_size=40), st.binary(min_size=5, max_size=32), st.sampled_from(["sha", "sha256"]))
def test_keys_as_pysnmp_makes_them(password: str, engine: bytes, protocol: str) -> None:
    theirs = hmacsha.HmacSha() if protocol == "sha" else hmacsha2.HmacSha2(hmacsha2.HmacSha2.SHA256_SERVICE_ID)
    hashed = theirs.hash_passphrase(password.encode())
    keys = KeyChain(0).localise(user(protocol, auth=password), engine)
    assert keys.auth == bytes(theirs.localize_key(hashed, univ.OctetString(engine)))


@given(st.binary(max_size=400), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1), st.binary(min_size=8, max_size=8))
def test_pysnmp_decrypts_what_we_encrypt(plain: bytes, boots: int, time: int, salt: bytes) -> None:
    keys = Keys(AUTH_PROTOCOLS["sha"], b"k" * 20, b"0123456789abcdef")
    secret = keys.encrypt(plain, boots, time, salt)
    read = aes.Aes().decrypt_data(
        univ.OctetString(keys.priv), (boots, time, univ.OctetString(salt)), univ.OctetString(secret)
    )
    assert bytes(read)[: len(plain)] == plain
    assert keys.decrypt(secret, boots, time, salt) == plain


def test_no_salt_twice_even_past_the_end() -> None:
    chain = KeyChain(2**64 - 3)
    salts = [chain.salt() for _ in range(6)]
    assert len(set(salts)) == 6
    assert all(len(salt) == 8 for salt in salts)


@pytest.mark.parametrize(("auth", "priv"), [("", "long enough"), ("short77", "long enough"), ("long enough", "")])
def test_a_short_password_is_refused_without_being_shown(auth: str, priv: str) -> None:
    with pytest.raises(BadTarget, match="fewer than 8 octets") as caught:
        user(auth=auth, priv=priv)
    assert not auth or auth not in str(caught.value)


def test_nothing_shows_a_key() -> None:
    chain = KeyChain(0)
    keys = chain.localise(user(), b"12345678")
    for text in (repr(keys), repr(user()), str(user())):
        assert "maplesyrup" not in text
        assert keys.auth.hex() not in text
        assert repr(keys.auth) not in text
