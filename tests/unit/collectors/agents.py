"""Agents in this process, made with pysnmp's codec, which answer as they are told: well, wrongly or not at all."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.proto.api import v2c

from collectors.snmp import Community, Target
from inventory import Secret

#: The community of these agents.
COMMUNITY = Community(Secret("lab"))

Table = dict[tuple[int, ...], Any]

#: What comes out for what came in: datagrams to send back to the asker, in order.
Behaviour = Callable[[bytes], Iterable[bytes]]


def answer(datagram: bytes, table: Mapping[Any, Any]) -> bytes:
    """A correct agent's answer to a v2c GET or GETBULK."""
    message, _ = decoder.decode(datagram, asn1Spec=v2c.Message())
    request = v2c.apiMessage.get_pdu(message)
    names = [tuple(name) for name, _ in v2c.apiPDU.get_varbinds(request)]
    if request.isSameTypeWith(v2c.GetBulkRequestPDU()):
        rows = _bulk(names, int(v2c.apiBulkPDU.get_max_repetitions(request)), table)
    else:
        rows = [(name, table.get(name, v2c.NoSuchInstance(""))) for name in names]
    return response(message, request, rows)


def response(message: Any, request: Any, rows: list[tuple[tuple[int, ...], Any]], status: int = 0) -> bytes:
    pdu = v2c.GetResponsePDU()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, v2c.apiPDU.get_request_id(request))
    v2c.apiPDU.set_error_status(pdu, status)
    v2c.apiPDU.set_varbinds(pdu, [(v2c.ObjectIdentifier(name), value) for name, value in rows])
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def refusal(datagram: bytes, status: int) -> bytes:
    """An answer with an error-status and the varbinds of the request."""
    message, _ = decoder.decode(datagram, asn1Spec=v2c.Message())
    request = v2c.apiMessage.get_pdu(message)
    rows = [(tuple(name), v2c.Null("")) for name, _ in v2c.apiPDU.get_varbinds(request)]
    return response(message, request, rows, status)


def asked(datagram: bytes) -> list[tuple[int, ...]]:
    """The names in a v2c request."""
    message, _ = decoder.decode(datagram, asn1Spec=v2c.Message())
    return [tuple(name) for name, _ in v2c.apiPDU.get_varbinds(v2c.apiMessage.get_pdu(message))]


def is_bulk(datagram: bytes) -> bool:
    """Whether a v2c request is a GETBULK."""
    message, _ = decoder.decode(datagram, asn1Spec=v2c.Message())
    return bool(v2c.apiMessage.get_pdu(message).isSameTypeWith(v2c.GetBulkRequestPDU()))


def _bulk(names: list[tuple[int, ...]], repetitions: int, table: Mapping[Any, Any]) -> list[Any]:
    known = sorted(table)
    rows: list[Any] = []
    for _ in range(repetitions):
        for place, name in enumerate(names):
            at = bisect_right(known, name)
            if at == len(known):
                rows.append((name, rfc1905.EndOfMibView("")))
            else:
                names[place] = known[at]
                rows.append((known[at], table[known[at]]))
    return rows


class Agent(asyncio.DatagramProtocol):
    """A UDP socket with a behaviour; ``heard`` keeps what came in."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.heard: list[bytes] = []
        self.askers: list[tuple[str, int]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.address: tuple[str, int] = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(data)
        self.askers.append(addr)
        for datagram in self.behaviour(data):
            self.transport.sendto(datagram, addr)

    def target(self, timeout_s: float = 2.0, retries: int = 1) -> Target:
        return Target(*self.address, COMMUNITY, timeout_s, retries)


@asynccontextmanager
async def agent(behaviour: Behaviour, address: str = "127.0.0.1") -> AsyncIterator[Agent]:
    """An agent that lives as long as the block."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(lambda: Agent(behaviour), local_addr=(address, 0))
    try:
        yield protocol
    finally:
        transport.close()


def serving(table: Mapping[Any, Any]) -> Behaviour:
    """A correct agent."""
    return lambda datagram: [answer(datagram, table)]


def silent(datagram: bytes) -> Iterable[bytes]:
    """A dead one."""
    return []


ROUTER_COLUMNS = {
    "descr": (1, 3, 6, 1, 2, 1, 2, 2, 1, 2),
    "admin": (1, 3, 6, 1, 2, 1, 2, 2, 1, 7),
    "oper": (1, 3, 6, 1, 2, 1, 2, 2, 1, 8),
    "changed": (1, 3, 6, 1, 2, 1, 2, 2, 1, 9),
    "in": (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6),
    "out": (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 10),
    "discontinuity": (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 19),
}


def router(uptime_s: int = 1000, interfaces: Mapping[int, str] | None = None) -> Table:
    """What an IOS-XE router would answer, as pysnmp's values."""
    names = interfaces or {1: "GigabitEthernet0/0/0", 2: "GigabitEthernet0/0/1", 20: "Tunnel10"}
    cisco = (1, 3, 6, 1, 4, 1, 9, 9)
    table: Table = {
        (1, 3, 6, 1, 2, 1, 1, 3, 0): rfc1902.TimeTicks(uptime_s * 100),
        (1, 3, 6, 1, 2, 1, 1, 5, 0): rfc1902.OctetString("acme-lon-r1"),
        (1, 3, 6, 1, 2, 1, 2, 1, 0): rfc1902.Integer32(len(names)),
        (1, 3, 6, 1, 6, 3, 10, 2, 1, 1, 0): rfc1902.OctetString(hexValue="800000090300aabbccddee01"),
        (1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0): rfc1902.Integer32(7),
        (1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0): rfc1902.Integer32(uptime_s - 5),
        (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 5, 1): rfc1902.Integer32(3),
        (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 11, 1): rfc1902.OctetString("FCZ0000A0B1"),
        (*cisco, 43, 1, 1, 1, 0): rfc1902.TimeTicks(50000),
        (*cisco, 43, 1, 1, 2, 0): rfc1902.TimeTicks(60000),
        (*cisco, 43, 1, 1, 3, 0): rfc1902.TimeTicks(60100),
        (*cisco, 48, 1, 1, 1, 2, 1): rfc1902.OctetString("Processor"),
        (*cisco, 48, 1, 1, 1, 5, 1): rfc1902.Gauge32(300 * 1024),
        (*cisco, 48, 1, 1, 1, 6, 1): rfc1902.Gauge32(700 * 1024),
        (*cisco, 109, 1, 1, 1, 1, 7, 1): rfc1902.Gauge32(12),
        (*cisco, 109, 1, 1, 1, 1, 8, 1): rfc1902.Gauge32(9),
    }
    for index, name in names.items():
        table |= {
            (*ROUTER_COLUMNS["descr"], index): rfc1902.OctetString(name),
            (*ROUTER_COLUMNS["admin"], index): rfc1902.Integer32(1),
            (*ROUTER_COLUMNS["oper"], index): rfc1902.Integer32(1),
            (*ROUTER_COLUMNS["changed"], index): rfc1902.TimeTicks(4200),
            (*ROUTER_COLUMNS["in"], index): rfc1902.Counter64(2**40 + index),
            (*ROUTER_COLUMNS["out"], index): rfc1902.Counter64(2**41 + index),
            (*ROUTER_COLUMNS["discontinuity"], index): rfc1902.TimeTicks(0),
        }
    return table
