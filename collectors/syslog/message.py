"""What a syslog datagram says, in the forms that devices send (RFC 5424, RFC 3164 and their own). Pure.

Its header is taken off and not believed: who sent it is known by its address, and when by our own clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from collectors.errors import MalformedMessage

#: Octets of a datagram that are read; a receiver may leave out the rest (RFC 5424, section 6.1).
READ_OCTETS: Final = 2048
#: Facility 23 and severity 7: the last priority there is.
LAST_PRIORITY: Final = 191

_PRIORITY = re.compile(rb"<(0|[1-9][0-9]{0,2})>")
_NEW = re.compile(rb"1 (?:-|[0-9][^ ]{3,63}) [^ ]{1,255} ([^ ]{1,48}) [^ ]{1,128} [^ ]{1,32} ")
_STRUCTURED = re.compile(rb'(?:-|(?:\[[^ =\]"]{1,32}(?: [^ =\]"]{1,32}="(?:[^"\\]|\\.)*")*\])+)(?: |\Z)', re.DOTALL)
_MARK = b"\xef\xbb\xbf"
_TIME = rb"[A-Z][a-z]{2} {1,2}[0-9]{1,2} (?:[0-9]{4} )?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
_UPTIME = rb"[0-9]{1,4}:[0-9]{2}:[0-9]{2}|[0-9]{1,3}[ywd][0-9]{1,2}[wdh]"
_ISO = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(?:Z|[+-][0-9]{2}:[0-9]{2})"
#: Numbers, a name and a time, each with a colon behind it and each there or not, before a code that begins with %.
_CODED = re.compile(
    rb"(?:[0-9]{1,10}: ?)?(?:[A-Za-z0-9._-]{1,64}: )?(?:[0-9]{1,10}: )?"
    rb"(?:[*.]?(?:" + _TIME + rb"|" + _UPTIME + rb")(?: [A-Za-z0-9+:-]{1,12})?: )?(?=%)"
)
#: Time, host (missing where a machine sends its own), program with or without its process.
_BSD = re.compile(rb"(?:" + _TIME + rb"|" + _ISO + rb") (?:[^ :%]{1,255} )?([^ :\[\]]{1,48})(?:\[[^\] ]{0,32}\])?: ?")
_PRINTABLE = bytes(code if 0x20 <= code < 0x7F else ord("?") for code in range(256))


@dataclass(frozen=True, slots=True)
class Message:
    """Who of the device's programs spoke ("" where that is not told), and its words: printable ASCII on one line."""

    program: str
    text: str


def parse(datagram: bytes) -> Message:
    """The message in a datagram, as far as READ_OCTETS.

    Raises:
        MalformedMessage: it has no priority, or a header of RFC 5424 that is not whole.
    """
    datagram = datagram[:READ_OCTETS]
    priority = _PRIORITY.match(datagram)
    if priority is None or int(priority[1]) > LAST_PRIORITY:
        raise MalformedMessage("a syslog message without a priority")
    at = priority.end()
    if datagram.startswith(b"1 ", at):
        return _new(datagram, at)
    coded = _CODED.match(datagram, at)
    if coded is not None:
        return _message(b"", datagram[coded.end() :])
    bsd = _BSD.match(datagram, at)
    return _message(b"", datagram[at:]) if bsd is None else _message(bsd[1], datagram[bsd.end() :])


def _new(datagram: bytes, at: int) -> Message:
    header = _NEW.match(datagram, at)
    data = None if header is None else _STRUCTURED.match(datagram, header.end())
    if header is None or data is None:
        raise MalformedMessage("a syslog message whose header is not whole")
    return _message(b"" if header[1] == b"-" else header[1], datagram[data.end() :].removeprefix(_MARK))


def _message(program: bytes, text: bytes) -> Message:
    return Message(_shown(program), _shown(text.rstrip(b"\r\n\0 ")))


def _shown(octets: bytes) -> str:
    return octets.translate(_PRINTABLE).decode("ascii")
