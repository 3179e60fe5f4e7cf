"""Every algorithm of USM: keys as pysnmp makes them, messages as it reads them, and what net-snmp's agent takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyasn1.type import univ
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel

from collectors.errors import BadTarget
from collectors.security.credentials import AuthWord, PrivWord
from collectors.security.usm import KeyChain
from collectors.snmp import Answer, Failure, SnmpClient, V3User
from inventory import Secret
from tests.unit.collectors import objects
from tests.unit.collectors.snmpd import Snmpd, free_port

#: pysnmp's algorithms, by our words.
AUTH: dict[AuthWord, Any] = {
    "sha": hlapi.USM_AUTH_HMAC96_SHA,
    "sha224": hlapi.USM_AUTH_HMAC128_SHA224,
    "sha256": hlapi.USM_AUTH_HMAC192_SHA256,
    "sha384": hlapi.USM_AUTH_HMAC256_SHA384,
    "sha512": hlapi.USM_AUTH_HMAC384_SHA512,
    "md5": hlapi.USM_AUTH_HMAC96_MD5,
}
PRIV: dict[PrivWord, Any] = {
    "aes": hlapi.USM_PRIV_CFB128_AES,
    "aes192": hlapi.USM_PRIV_CFB192_AES,
    "aes256": hlapi.USM_PRIV_CFB256_AES,
    "aes192-blumenthal": hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "aes256-blumenthal": hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "des": hlapi.USM_PRIV_CBC56_DES,
}
ENGINE = bytes.fromhex("80001f8804737065616b")
PASSWORD = "correct horse battery"


def user(auth: AuthWord = "sha256", priv: PrivWord = "aes", name: str = "u", secret: str = PASSWORD) -> V3User:
    return V3User(name, Secret(secret), Secret(secret), auth, priv, weak=priv == "des" or auth == "md5")


@pytest.mark.parametrize("priv", PRIV)
@pytest.mark.parametrize("auth", AUTH)
def test_keys_codes_and_ciphers_are_those_of_pysnmp(auth: AuthWord, priv: PrivWord) -> None:
    theirs, cipher = SnmpUSMSecurityModel.AUTH_SERVICES[AUTH[auth]], SnmpUSMSecurityModel.PRIV_SERVICES[PRIV[priv]]
    master, engine = theirs.hash_passphrase(PASSWORD.encode()), univ.OctetString(ENGINE)
    local = theirs.localize_key(master, engine)
    hidden = cipher.localize_key(AUTH[auth], cipher.hash_passphrase(AUTH[auth], PASSWORD.encode()), engine)
    ours = KeyChain(0).localise(user(auth, priv), ENGINE)
    assert ours.auth == bytes(local)
    assert ours.priv == bytes(hidden)[: len(ours.priv)]
    secret = ours.encrypt(b"\x30\x1e" + bytes(range(30)), 7, 1234, b"saltsalt")
    read = cipher.decrypt_data(
        univ.OctetString(hidden), (7, 1234, univ.OctetString(b"saltsalt")), univ.OctetString(secret)
    )
    assert bytes(read)[:32] == b"\x30\x1e" + bytes(range(30)) == ours.decrypt(secret, 7, 1234, b"saltsalt")


#: What Debian's agent of net-snmp takes, in its words; it extends short hashes by Blumenthal's draft.
AGENT: dict[tuple[AuthWord, PrivWord], str] = {
    ("sha", "aes"): "SHA|AES",
    ("sha224", "aes"): "SHA-224|AES",
    ("sha384", "aes"): "SHA-384|AES",
    ("sha512", "aes"): "SHA-512|AES",
    ("sha", "aes192-blumenthal"): "SHA|AES-192",
    ("sha", "aes256-blumenthal"): "SHA|AES-256",
    ("sha224", "aes256-blumenthal"): "SHA-224|AES-256",
    ("sha", "aes192"): "SHA|AES-192-C",
    ("sha", "aes256"): "SHA|AES-256-C",
    ("sha256", "aes256"): "SHA-256|AES-256",
    ("sha512", "aes192"): "SHA-512|AES-192",
    ("sha", "des"): "SHA|DES",
    ("md5", "aes"): "MD5|AES",
}


def named(algorithms: tuple[AuthWord, PrivWord]) -> V3User:
    return user(*algorithms, "-".join(algorithms), "secret of " + "-".join(algorithms))


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    lines = []
    for algorithms, words in AGENT.items():
        one, (auth, priv) = named(algorithms), words.split("|")
        lines += [f'createUser {one.name} {auth} "{one.auth.reveal()}" {priv} "{one.priv.reveal()}"']
        lines += [f"rouser {one.name} priv"]
    lines += [
        'createUser signed SHA-256 "a signing secret"',
        "rouser signed auth",
        "createUser open",
        "rouser open noauth",
    ]
    home: Path = tmp_path_factory.mktemp("algorithms")
    found = Snmpd(home, free_port(), more="\n".join(lines) + "\n")
    found.start()
    yield found
    found.stop()


def name_of(agent: Snmpd, one: V3User, timeout_s: float = 10, retries: int = 0) -> Answer:
    async def asked() -> Answer:
        async with SnmpClient() as client:
            return await client.get(agent.target(one, timeout_s, retries), [objects.SYS_NAME])

    return asyncio.run(asked())


@pytest.mark.parametrize("algorithms", AGENT, ids="-".join)
def test_the_agent_and_we_understand_each_other(agent: Snmpd, algorithms: tuple[AuthWord, PrivWord]) -> None:
    assert name_of(agent, named(algorithms)).values == {objects.SYS_NAME: b"test-agent"}


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(V3User("signed", Secret("a signing secret"), Secret(""), weak=True), id="no privacy"),
        pytest.param(V3User("open", Secret(""), Secret(""), weak=True), id="no authentication"),
    ],
)
def test_a_weak_user_is_asked_for_what_it_has(agent: Snmpd, one: V3User) -> None:
    assert name_of(agent, one).values == {objects.SYS_NAME: b"test-agent"}


def test_a_weak_user_is_not_let_in_where_more_is_wanted(agent: Snmpd) -> None:
    strong = named(("sha", "aes"))
    weak = V3User(strong.name, strong.auth, Secret(""), "sha", weak=True)
    assert name_of(agent, weak, 0.5).failure in {Failure.WRONG_LEVEL, Failure.REFUSED}


@pytest.mark.parametrize(
    ("auth", "priv", "protocol"), [("", "", "aes"), (PASSWORD, "", "aes"), (PASSWORD, PASSWORD, "des")]
)
def test_what_is_weak_must_be_asked_for(auth: str, priv: str, protocol: Any) -> None:
    with pytest.raises(BadTarget):
        V3User("u", Secret(auth), Secret(priv), priv_protocol=protocol)
    with pytest.raises(BadTarget, match="MD5"):
        V3User("u", Secret(PASSWORD), Secret(PASSWORD), "md5")


def test_privacy_without_authentication_cannot_be() -> None:
    with pytest.raises(BadTarget, match="needs authentication"):
        V3User("u", Secret(""), Secret(PASSWORD), weak=True)
