"""SNMPv2c messages: a community around a PDU (RFC 1901)."""

from __future__ import annotations

from collectors.errors import MalformedMessage
from collectors.snmp import ber, pdu
from collectors.snmp.pdu import Kind, Request
from collectors.snmp.session import Ignored, Sent, Verdict
from collectors.snmp.target import Community

VERSION = 1


class V2cSession:
    """One target's community; it keeps no state between messages."""

    __slots__ = ("_community", "_prefix")

    def __init__(self, credentials: Community) -> None:
        self._community = credentials.community.reveal().encode()
        self._prefix = ber.integer(VERSION) + ber.field(ber.OCTETS, self._community)

    def seal(self, request: Request, identifier: int) -> Sent:
        """The message; ``identifier`` becomes the request-id."""
        return Sent(identifier, ber.field(ber.SEQUENCE, self._prefix + request.encode(identifier)))

    def judge(self, datagram: bytes, sent: Sent) -> Verdict:
        """A response under the same community, or nothing of ours."""
        at, end = ber.expect(datagram, 0, len(datagram), ber.SEQUENCE)
        if end != len(datagram):
            raise MalformedMessage("octets follow the message")
        _, at = ber.read_integer(datagram, at, end)
        community, at = ber.read_octets(datagram, at, end)
        if community != self._community:
            return Ignored("the answer carries another community")
        answer = pdu.decode(datagram, at, end)
        if answer.kind is not Kind.RESPONSE or answer.request_id != sent.identifier:
            return Ignored("not a response to this request")
        return answer

    def gave_up(self) -> None:
        """Nothing to forget."""


def identifier(datagram: bytes, at: int, end: int) -> int:
    """The request-id of a message; ``at`` is where the community starts."""
    _, at = ber.read_octets(datagram, at, end)
    _, at, stop = ber.header(datagram, at, end)
    return ber.read_integer(datagram, at, stop)[0]
