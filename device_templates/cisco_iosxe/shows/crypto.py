"""Reads what IOS-XE shows of IKEv2 errors and requests, IPsec counters and certificates."""

from __future__ import annotations

import re
from calendar import month_abbr
from datetime import UTC, datetime
from itertools import pairwise

from device_templates.shows import Certificate, IkeRequests, IpsecCounters

_ERROR = re.compile(r"^[ \t]*Error\((\d{1,9})\):[ \t]*(\S.*)$", re.MULTILINE)
_REQUESTS = re.compile(
    r"^[ \t]*(Incoming|Outgoing) IKEv2 Requests:\s*(\d+)\s+accepted:\s*(\d+)\s+rejected:\s*(\d+)", re.MULTILINE
)
_NOTIFIES = re.compile(r"^[ \t]*ERROR NOTIFY\s*$(.*?)^[ \t]*(?:OTHER|CONFIG)\b", re.MULTILINE | re.DOTALL)
_NOTIFY = re.compile(r"^[ \t]*([A-Z][A-Z0-9_]+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*$", re.MULTILINE)
_PEER = re.compile(r"^[ \t]*current_peer:?\s+(\d{1,3}(?:\.\d{1,3}){3})", re.MULTILINE)
_COUNTER = re.compile(r"#(pkts encaps|pkts decaps|send errors|recv errors)[: ]+(\d+)")
_CERTIFICATE = re.compile(r"^[ \t]*((?:(?:CA|Router Self-Signed|Subordinate CA)\s+)?Certificate)\s*$", re.MULTILINE)
#: Characters of one certificate's block, which has a thousand.
MOST_OF_ONE = 6000
_FIELD = r"^[ \t]*{}:?[ \t]*(\S.*)$"
_MONTHS = {name: number for number, name in enumerate(month_abbr) if name}
_MOMENT = re.compile(
    r"(\d{1,2}):(\d\d):(\d\d)(?:\.\d+)? +(\S+) +(?:[A-Z][a-z]{2} +)?([A-Z][a-z]{2}) +(\d{1,2}) +(\d{4})"
)
_KEYRING = re.compile(r"crypto ikev2 keyring (\S+)")
_KEY = re.compile(r"[ \t]*pre-shared-key (?:(?:local|remote) )?(\S.*)")
_ENCRYPTED = re.compile(r"^([ \t]*pre-shared-key (?:local |remote )?)6 .*$", re.MULTILINE)


def ike_errors(text: str) -> dict[str, int]:
    """How often each error is in ``show crypto ikev2 diagnose error``."""
    found: dict[str, int] = {}
    for count, words in _ERROR.findall(text):
        found[words.strip()] = found.get(words.strip(), 0) + int(count)
    return found


def without_encrypted_keys(text: str) -> str:
    """A configuration whose keys of type 6 are not there: what they mean only their router knows."""
    return _ENCRYPTED.sub("", text)


def keys(text: str) -> dict[str, frozenset[str]]:
    """The keys, redacted, of each IKEv2 keyring of a configuration; a last line may be cut short and is left out."""
    found: dict[str, frozenset[str]] = {}
    keyring = ""
    for line in text.rstrip().splitlines()[:-1]:
        if line[:1].strip():
            section = _KEYRING.match(line)
            keyring = section[1] if section else ""
        elif keyring and (key := _KEY.match(line)) is not None:
            found[keyring] = found.get(keyring, frozenset()) | {key[1].strip()}
    return found


def ike_requests(text: str) -> tuple[IkeRequests, ...]:
    """Accepted and rejected requests of ``show crypto ikev2 stats``."""
    return tuple(
        IkeRequests(way.lower(), int(accepted), int(rejected)) for way, _, accepted, rejected in _REQUESTS.findall(text)
    )


def error_notifies(text: str) -> dict[str, int]:
    """How often each error was sent or received, by ``show crypto ikev2 stats exchange``."""
    section = _NOTIFIES.search(text + "\nOTHER\n")
    return {name: sum(map(int, counts)) for name, *counts in _NOTIFY.findall(section[1])} if section else {}


def ipsec(text: str) -> dict[str, IpsecCounters]:
    """Counters by peer of ``show crypto ipsec sa``."""
    found: dict[str, IpsecCounters] = {}
    for part in _parts(text, [match.start() for match in _PEER.finditer(text)]):
        peer = _PEER.match(part)
        sums = dict.fromkeys(("pkts encaps", "pkts decaps", "send errors", "recv errors"), 0)
        for name, value in _COUNTER.findall(part):
            sums[name] += int(value)
        if peer is not None:
            before = found.get(peer[1], IpsecCounters(0, 0, 0, 0))
            found[peer[1]] = IpsecCounters(
                before.encaps + sums["pkts encaps"],
                before.decaps + sums["pkts decaps"],
                before.send_errors + sums["send errors"],
                before.recv_errors + sums["recv errors"],
            )
    return found


def certificates(text: str) -> tuple[Certificate, ...]:
    """The certificates in ``show crypto pki certificates``, in their order."""
    parts = _parts(text, [match.start() for match in _CERTIFICATE.finditer(text)])
    heads = ((_CERTIFICATE.match(part), part) for part in parts)
    return tuple(_certificate(head[1], part[:MOST_OF_ONE]) for head, part in heads if head is not None)


def _parts(text: str, starts: list[int]) -> list[str]:
    """The text from each start to the next."""
    return [text[start:end] for start, end in pairwise([*starts, len(text)])]


def _certificate(kind: str, part: str) -> Certificate:
    subject = re.search(
        r"^[ \t]*Subject:[ \t]*\n((?:[ \t]+\S.*\n)*?)(?=[ \t]*(?:Validity|CRL|OCSP))", part + "\n", re.MULTILINE
    )
    lines = [line.strip() for line in subject[1].splitlines()] if subject else []
    return Certificate(
        own=kind == "Certificate",
        status=_field("Status", part),
        subject=", ".join(line for line in lines if line),
        starts=moment(_field("start date", part)),
        ends=moment(_field("end +date", part)),
        authority=_field("Associated Trustpoints", part),
    )


def _field(name: str, part: str) -> str:
    found = re.search(_FIELD.format(name), part, re.MULTILINE)
    return found[1].strip() if found else ""


def moment(text: str) -> datetime | None:
    """A moment as IOS writes it, ``10:11:12.345 UTC Sat Nov 21 2026``; None unless it is one in UTC."""
    found = _MOMENT.search(text)
    if found is None or found[4] not in ("UTC", "GMT") or found[5] not in _MONTHS:
        return None
    hour, minute, second, _, month, day, year = found.groups()
    try:
        return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None
