"""The virtual router's keys are those that the client, written apart from it, makes of the same passphrases."""

from __future__ import annotations

import pytest

from agent.lab.snmp.usm import Keys, localised, private_key, word
from collectors.security.credentials import AuthWord, PrivWord
from collectors.security.usm import KeyChain
from collectors.snmp import V3User
from inventory import Secret

ENGINE, SALT = b"\x80\x00\x01\x37\x04lab", b"saltsalt"
CIPHERS: dict[PrivWord, str] = {
    "aes": "aes128",
    "aes192": "aes192",
    "aes256": "aes256",
    "aes192-blumenthal": "aes192-blumenthal",
    "aes256-blumenthal": "aes256-blumenthal",
}


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("auth", ["md5", "sha", "sha224", "sha256", "sha384", "sha512"])
def test_keys_and_ciphers_are_the_clients(auth: AuthWord, cipher: PrivWord) -> None:
    user = V3User("u", Secret("an authentic secret"), Secret("a private secret"), auth, cipher, weak=auth == "md5")
    client, its = KeyChain(0).localise(user, ENGINE), word(auth)
    private = private_key(its, word(CIPHERS[cipher]), "a private secret", ENGINE)
    keys = Keys(its, localised(its, "an authentic secret", ENGINE), private)
    assert (keys.authentic, keys.private, keys.mac(b"octets")) == (client.auth, client.priv, client.mac(b"octets"))
    assert client.decrypt(keys.encrypt(b"0" * 40, 3, 9, SALT), 3, 9, SALT) == b"0" * 40
