"""What can be seen of a TLS handshake from outside, when it fails: the records until encryption begins. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: TLS record types (RFC 8446, section 5.1) and handshake messages (RFC 5246, section 7.4).
_CHANGE_CIPHER_SPEC, _ALERT, _HANDSHAKE = 20, 21, 22
_CERTIFICATE, _CERTIFICATE_REQUEST = 11, 13

#: Octets of a handshake that are looked at; a chain of certificates fits well.
MAX_SEEN = 64 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """The server's own certificate in DER, where it came in clear (up to TLS 1.2), and whether it asked for ours."""

    certificate: bytes = b""
    asked_for_ours: bool = False


def look(octets: bytes) -> Seen:
    """What a server sent in clear; malformed or cut octets end the look, and what came before counts."""
    certificate, asked = b"", False
    for kind, body in _messages(b"".join(_handshake(octets))):
        if kind == _CERTIFICATE and not certificate:
            certificate = _first(body)
        asked = asked or kind == _CERTIFICATE_REQUEST
    return Seen(certificate, asked)


def _handshake(octets: bytes) -> Iterator[bytes]:
    """The fragments of handshake records up to where encryption begins."""
    at = 0
    while at + 5 <= len(octets):
        kind, size = octets[at], int.from_bytes(octets[at + 3 : at + 5])
        if kind == _CHANGE_CIPHER_SPEC or octets[at + 1] != 3:
            return
        if kind == _HANDSHAKE:
            yield octets[at + 5 : at + 5 + size]
        at += 5 + size


def _messages(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        size = int.from_bytes(stream[at + 1 : at + 4])
        body = stream[at + 4 : at + 4 + size]
        if len(body) < size:
            return
        yield stream[at], body
        at += 4 + size


def _first(body: bytes) -> bytes:
    """The first certificate of a list of TLS 1.2: lengths of three octets for the list and for each."""
    size = int.from_bytes(body[3:6])
    first = body[6 : 6 + size]
    return first if size and len(first) == size else b""
