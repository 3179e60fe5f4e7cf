"""pysnmp, asked to read what ours reads: one GET a device, one engine that lives through all cycles."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, SupportsBytes, SupportsInt

from pysnmp.hlapi.v3arch.asyncio import (
    USM_AUTH_HMAC192_SHA256,
    USM_PRIV_CFB128_AES,
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    get_cmd,
)

from collectors.snmp import Community, Oid, PollRequest, V3User

#: pysnmp counts time-outs for living devices with many more at once.
AT_ONCE = 50


class Value(SupportsInt, SupportsBytes, Protocol):
    """A value in pysnmp's types: one of the two takes it."""


#: What a device answered.
Values = dict[Oid, Value]


@contextmanager
def with_pysnmp(requests: Sequence[PollRequest]) -> Iterator[Callable[[], dict[str, Values]]]:
    """A cycle gives the values of each device that answered, by the key of its request; v3 with SHA-256 and AES."""
    users = {request.target.credentials: user_of(request.target.credentials) for request in requests}
    with asyncio.Runner() as runner:
        engine = SnmpEngine()

        async def poll(request: PollRequest, places: asyncio.Semaphore) -> tuple[str, Values]:
            target = request.target
            async with places:
                there = await UdpTransportTarget.create(
                    (target.address, target.port), timeout=target.timeout_s, retries=target.retries
                )
                wanted = [ObjectType(ObjectIdentity(oid)) for oid in request.oids]
                error, status, _, rows = await get_cmd(
                    engine, users[target.credentials], there, ContextData(), *wanted, lookupMib=False
                )
            return request.key, {} if error or status else {tuple(name): value for name, value in rows}

        async def cycle() -> dict[str, Values]:
            places = asyncio.Semaphore(AT_ONCE)
            answers = await asyncio.gather(*(poll(request, places) for request in requests))
            return {key: values for key, values in answers if values}

        yield lambda: runner.run(cycle())
        engine.close_dispatcher()


def user_of(credentials: Community | V3User) -> CommunityData | UsmUserData:
    """The credentials as pysnmp has them; v3 with SHA-256 and AES."""
    if isinstance(credentials, Community):
        return CommunityData(credentials.community.reveal())
    return UsmUserData(
        credentials.name,
        credentials.auth.reveal(),
        credentials.priv.reveal(),
        authProtocol=USM_AUTH_HMAC192_SHA256,
        privProtocol=USM_PRIV_CFB128_AES,
    )
