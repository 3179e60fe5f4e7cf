"""SNMPv2c messages: a community around a PDU (RFC 1901)."""

from __future__ import annotations

from collectors.codec import answer, ber, pdu
from collectors.codec.pdu import Kind, Request
from collectors.errors import MalformedMessage
from collectors.security.credentials import Community
from collectors.security.session import Ignored, Sent, Verdict

VERSION = 1

#: The machine's own number where this is compiled (v2c.pxd).
_RESPONSE = int(Kind.RESPONSE)


class V2cSession:
    """A community; it keeps no state between messages, so that all targets that share it share the session."""

    __slots__ = ("_community", "_head")

    def __init__(self, credentials: Community) -> None:
        self._community = credentials.community.reveal().encode()
        self._head = ber.integer(VERSION) + ber.field(ber.OCTETS, self._community)

    def seal(self, request: Request, identifier: int) -> Sent:
        """The message; ``identifier`` becomes the request-id."""
        datagram = ber.field(ber.SEQUENCE, self._head + request.encode(identifier))
        return Sent(identifier, datagram, None, request)

    def judge(self, datagram: bytes, sent: Sent) -> Verdict:
        """A response under the same community, or nothing of ours."""
        at, end = ber.expect(datagram, 0, len(datagram), ber.SEQUENCE)
        if end != len(datagram):
            raise MalformedMessage("octets follow the message")
        if datagram.startswith(self._head, at):
            at += len(self._head)
        else:
            _, at = ber.read_integer(datagram, at, end)
            community, at = ber.read_octets(datagram, at, end)
            if community != self._community:
                return Ignored("the answer carries another community")
        head = pdu.head(datagram, at, end)
        if head.kind != _RESPONSE or head.request_id != sent.identifier:
            return Ignored("not a response to this request")
        return answer.read(datagram, head.at, end, head.error_status, head.error_index, sent.request.names)

    def gave_up(self) -> None:
        """Nothing to forget."""


def identifier(datagram: bytes, at: int, end: int) -> int:
    """The request-id of a message; ``at`` is where the community starts."""
    _, at = ber.expect(datagram, at, end, ber.OCTETS)
    _, at, stop = ber.header(datagram, at, end)
    return ber.read_integer(datagram, at, stop)[0]
