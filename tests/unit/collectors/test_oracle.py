"""pysnmp as a second opinion: it reads the same values from the real agent, and refuses the same forgeries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pysnmp.hlapi.v3arch.asyncio import (
    USM_AUTH_HMAC96_SHA,
    USM_AUTH_HMAC192_SHA256,
    USM_PRIV_CFB128_AES,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    get_cmd,
)

from collectors.codec import ber
from collectors.security import v3message
from collectors.security.usm import KeyChain
from collectors.snmp import Answer, Failure, Missing, SnmpClient, V3User
from tests.unit.collectors import objects
from tests.unit.collectors.agents import agent, silent
from tests.unit.collectors.proxy import corrupted, emptied, proxy, zeroed
from tests.unit.collectors.snmpd import SHA, SHA256, Snmpd

NAMES = (
    objects.SYS_NAME,
    objects.ENGINE_ID,
    objects.ENGINE_BOOTS,
    objects.IF_NUMBER,
    (1, 3, 6, 1, 2, 1, 1, 2, 0),
    (1, 3, 6, 1, 2, 1, 1, 99, 0),
    (*objects.IF_DESCR, 1),
    (*objects.IF_HC_IN_OCTETS, 999999),
)

USERS = [pytest.param(SHA, id="sha"), pytest.param(SHA256, id="sha256")]


async def by_pysnmp(
    address: tuple[str, int], user: V3User, *names: tuple[int, ...], engine: SnmpEngine | None = None
) -> Any:
    """pysnmp's values by name, or its error as text; an ``engine`` of the caller's remembers, and stays open."""
    protocol = USM_AUTH_HMAC96_SHA if user.auth_protocol == "sha" else USM_AUTH_HMAC192_SHA256
    credentials = UsmUserData(
        user.name, user.auth.reveal(), user.priv.reveal(), authProtocol=protocol, privProtocol=USM_PRIV_CFB128_AES
    )
    target = await UdpTransportTarget.create(address, timeout=1, retries=0)
    wanted = [ObjectType(ObjectIdentity(name)) for name in names]
    used = SnmpEngine() if engine is None else engine
    error, _, _, rows = await get_cmd(used, credentials, target, ContextData(), *wanted, lookupMib=False)
    if engine is None:
        used.close_dispatcher()
    return str(error) if error else {tuple(name): value for name, value in rows}


def plain(theirs: Any) -> Any:
    """pysnmp's value as ours would be."""
    markers = {"NoSuchObject": Missing.NO_SUCH_OBJECT, "NoSuchInstance": Missing.NO_SUCH_INSTANCE}
    kind = type(theirs).__name__
    if kind in markers:
        return markers[kind]
    if kind == "OctetString":
        return bytes(theirs)
    return tuple(theirs) if kind == "ObjectIdentifier" else int(theirs)


@pytest.mark.parametrize("user", USERS)
def test_both_read_the_same_values(snmpd: Snmpd, user: V3User) -> None:
    async def scenario() -> tuple[Any, Answer]:
        theirs = await by_pysnmp(("127.0.0.1", snmpd.port), user, *NAMES)
        async with SnmpClient() as client:
            return theirs, await client.get(snmpd.target(user), NAMES)

    theirs, ours = asyncio.run(scenario())
    assert {name: plain(value) for name, value in theirs.items()} == ours.values


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("change", [corrupted, zeroed, emptied])
def test_both_refuse_the_same_forgeries(snmpd: Snmpd, user: V3User, change: Callable[[bytes], list[bytes]]) -> None:
    async def scenario() -> tuple[Any, Any, Answer]:
        async with proxy(snmpd, lambda message: [message]) as middle, SnmpClient() as client:
            honest = await by_pysnmp(middle.address, user, objects.SYS_NAME)
            await client.get(middle.target(user, timeout_s=5), [objects.SYS_NAME])
            middle.change = change
            forged = await by_pysnmp(middle.address, user, objects.SYS_NAME)
            return honest, forged, await client.get(middle.target(user), [objects.SYS_NAME])

    honest, theirs, ours = asyncio.run(scenario())
    assert bytes(honest[objects.SYS_NAME]) == b"test-agent"
    assert isinstance(theirs, str)
    assert ours.failure is not None
    assert not ours.values


def authentic(message: bytes, message_id: int = 0, request_id: int = 0, engine: bytes = b"") -> list[bytes]:
    """A reply as the agent itself would have sealed it, but for what is added; what is not authenticated stays."""
    found = v3message.V3Message(message)
    if not found.flags & v3message.AUTH:
        return [message]
    identity = engine or found.engine.identity
    chain = KeyChain(1)
    scoped = v3message.scoped(found.plain(chain.localise(SHA256, found.engine.identity)))
    octets = bytearray(scoped.octets)
    at, _ = ber.expect(scoped.octets, 0, len(octets), scoped.octets[0])
    _, stop = ber.expect(scoped.octets, at, len(octets), ber.INTEGER)
    octets[stop - 1] ^= request_id
    clock = found.engine._replace(identity=identity)
    keys, name = chain.localise(SHA256, identity), SHA256.name.encode()
    sealed = v3message.encode_response(
        found.identifier ^ message_id, clock, name, keys, chain.salt(), identity, bytes(octets)
    )
    return [sealed]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda message: authentic(message, message_id=1), id="another message's identifier"),
        pytest.param(lambda message: authentic(message, request_id=1), id="another request's identifier"),
        pytest.param(lambda message: authentic(message, engine=b"another-engine"), id="another engine"),
    ],
)
def test_both_refuse_what_only_who_has_the_keys_can_forge(snmpd: Snmpd, change: Callable[[bytes], list[bytes]]) -> None:
    """Misdirected or from a cloned device: authentic, and still not the answer."""

    async def scenario() -> tuple[Any, Answer, Answer, Answer]:
        async with proxy(snmpd, lambda message: [message]) as middle, SnmpClient() as client:
            engine = SnmpEngine()
            await by_pysnmp(middle.address, SHA256, objects.SYS_NAME, engine=engine)
            before = await client.get(middle.target(SHA256, timeout_s=5), [objects.SYS_NAME])
            middle.change = change
            theirs = await by_pysnmp(middle.address, SHA256, objects.SYS_NAME, engine=engine)
            engine.close_dispatcher()
            ours = await client.get(middle.target(SHA256), [objects.SYS_NAME])
            middle.change = authentic
            return theirs, ours, before, await client.get(middle.target(SHA256, timeout_s=5), [objects.SYS_NAME])

    theirs, ours, before, resealed = asyncio.run(scenario())
    assert isinstance(theirs, str)
    assert ours.failure is not None
    assert not ours.values
    assert before.values == resealed.values == {objects.SYS_NAME: b"test-agent"}


def test_both_refuse_what_comes_from_another_port(snmpd: Snmpd) -> None:
    async def scenario() -> tuple[Any, Answer, int]:
        async with proxy(snmpd, lambda message: [message]) as middle, agent(silent) as other, SnmpClient() as client:

            def elsewhere(message: bytes) -> list[bytes]:
                other.transport.sendto(message, middle.front.askers[-1])
                return []

            middle.change = elsewhere
            theirs = await by_pysnmp(middle.address, SHA256, objects.SYS_NAME)
            ours = await client.get(middle.target(SHA256), [objects.SYS_NAME])
            return theirs, ours, client.traffic.unmatched

    theirs, ours, unmatched = asyncio.run(scenario())
    assert isinstance(theirs, str)
    assert (ours.failure, unmatched) == (Failure.TIMEOUT, 1)
