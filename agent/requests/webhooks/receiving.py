"""The receiving side: proves that an event is genuine, fresh and not seen before, and tells of one out of order.

This is the reference for those who write receivers; it uses nothing of the sending side but the names of the headers.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from agent.requests.webhooks.signing import ID, SIGNATURE, TIMESTAMP

#: How far the two clocks may be apart, and how old an attempt may be.
TOLERANCE = timedelta(minutes=5)
#: Identities that are remembered; an event is sent again for three days, and longer where a person asks for it.
REMEMBERED = 100_000
#: Signatures that are looked at: one for each secret in use, two while one is changed.
MOST_SIGNATURES = 8


class Rejected(Exception):
    """What came is not to be believed; it is answered 400 or 401 and never acted on."""


class Seen(StrEnum):
    """What a genuine event is to one who has seen others."""

    NEW = "new"
    REPEATED = "repeated"  # the same identity again: acknowledge it, do nothing
    OVERTAKEN = "overtaken"  # a later state of the same request came before: keep it, do not go back to it


@dataclass(frozen=True, slots=True)
class Received:
    """A genuine event; ``sent_at`` is when this attempt was signed."""

    id: str
    sent_at: int
    sequence: int
    request: str
    document: Mapping[str, Any]


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], now: datetime) -> Received:
    """The event, if the signature over identity, time and body is that of one of ``keys`` and the time is near ``now``.

    Names of ``headers`` are lower case. Raises Rejected; nothing of the body is read before it is proved genuine.
    """
    try:
        identity, stamp, signatures = headers[ID], headers[TIMESTAMP], headers[SIGNATURE]
    except KeyError as missing:
        raise Rejected(f"the header {missing.args[0]} is missing") from None
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise Rejected("the timestamp is no whole number of seconds")
    offered = [part.partition(",")[2] for part in signatures.split(" ")[:MOST_SIGNATURES] if part.startswith("v1,")]
    signed = f"{identity}.{stamp}.".encode() + body
    expected = [b64encode(hmac.digest(key, signed, sha256)) for key in keys]
    # Every pair is compared, each in constant time: how long it takes tells nothing of what was near.
    matches = [hmac.compare_digest(one, other.encode()) for one in expected for other in offered]
    if not any(matches):
        raise Rejected("no signature is right")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise Rejected("the timestamp is not near the present: a replay, or a clock that is wrong")
    return _read(identity, int(stamp), body)


def _read(identity: str, stamp: int, body: bytes) -> Received:
    try:
        document = json.loads(body)
        sequence, request = document["sequence"], document["request"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Rejected("the body is not an event") from None
    if type(sequence) is not int or not isinstance(request, str) or document.get("id") != identity:
        raise Rejected("the body is not the event that the headers name")
    return Received(identity, stamp, sequence, request, document)


@dataclass
class Inbox:
    """Remembers what came, to do nothing twice and to notice what was overtaken. Keep it in a database of your own."""

    limit: int = REMEMBERED
    _ids: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _newest: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def take(self, event: Received) -> Seen:
        """What ``event`` is; from now on it has been seen."""
        if event.id in self._ids:
            return Seen.REPEATED
        newest = self._newest.pop(event.request, 0)
        self._ids[event.id] = None
        self._newest[event.request] = max(newest, event.sequence)
        for memory in (self._ids, self._newest):
            while len(memory) > self.limit:
                memory.popitem(last=False)
        return Seen.OVERTAKEN if event.sequence < newest else Seen.NEW
