"""A certificate of the lab: a record in the place of an X.509 one, in the form that configurations hold them in."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields

_WORD, _ROW = 8, 64


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who is named by whom, and for how long; ``begins`` and ``ends`` are lab seconds since 1970.

    ``serial`` is hexadecimal, ``authority`` the fingerprint of the authority's own certificate, ``key`` names the key
    pair that belongs to it. Names are as IOS shows them: ``cn=r1,ou=acme.vpn``.
    """

    serial: str
    subject: str
    issuer: str
    authority: str
    key: str
    begins: float
    ends: float

    @property
    def common_name(self) -> str:
        """The value of its first ``cn``, or the whole name."""
        found = re.search(r"(?:^|[,+])cn=([^,+]*)", self.subject)
        return found[1] if found else self.subject


def body_of(certificate: Certificate) -> str:
    """Rows of hexadecimal words, as under ``certificate 02`` in a configuration."""
    digits = json.dumps(asdict(certificate), separators=(",", ":")).encode().hex().upper()
    rows = (digits[at : at + _ROW] for at in range(0, len(digits), _ROW))
    return "\n".join(" ".join(row[at : at + _WORD] for at in range(0, len(row), _WORD)) for row in rows)


def read_body(body: str | None) -> Certificate | None:
    """The certificate that a configuration holds; None for one that is not of the lab."""
    try:
        values = json.loads(bytes.fromhex(body or "").decode())
        if values.keys() != {field.name for field in fields(Certificate)}:
            return None
        serial, subject, issuer, authority, key = (str(values[field.name]) for field in fields(Certificate)[:5])
        return Certificate(serial, subject, issuer, authority, key, float(values["begins"]), float(values["ends"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def distinguished(name: str) -> str:
    """A name, or a part of one, as it is compared: small letters, no blanks around ``=``, ``,`` and ``+``."""
    return re.sub(r"\s*([=,+])\s*", r"\1", name.strip().lower())


def shown_name(typed: str) -> str:
    """A subject name as IOS shows it: attributes in small letters, values as typed."""
    parts = (part.partition("=") for part in re.split(r"\s*,\s*", typed.strip()))
    return ",".join(f"{attribute.strip().lower()}{equals}{value.strip()}" for attribute, equals, value in parts)
