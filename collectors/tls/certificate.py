"""What a server's certificate says: whom it is for and until when. Pure; anything malformed is an error with words."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtensionOID, NameOID

from collectors.errors import MalformedMessage

#: What cryptography raises for the certificates that there are in the world.
_UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
#: Names that are kept of a certificate; a pool's has a dozen.
MAX_NAMES = 100
MAX_TEXT = 255


@dataclass(frozen=True, slots=True)
class Certificate:
    """``names`` are the DNS names that it is for, in lower case; moments are aware, in UTC; ``fingerprint`` SHA-256."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    fingerprint: str

    def is_for(self, name: str) -> bool:
        """Whether one of its names is ``name``; a leading ``*`` stands for one label (RFC 6125, 6.4.3)."""
        wanted = name.lower().rstrip(".")
        _, _, parent = wanted.partition(".")
        return wanted in self.names or (bool(parent) and f"*.{parent}" in self.names)


def read_certificate(der: bytes) -> Certificate:
    """A certificate in DER.

    Raises:
        MalformedMessage: it is none, or holds what cannot be read.
    """
    try:
        with warnings.catch_warnings():
            # Old Windows authorities give serial numbers that today's rules do not allow; the rest can be read.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            found = x509.load_der_x509_certificate(der)
            return Certificate(
                subject=_name(found.subject),
                issuer=_name(found.issuer),
                names=_names(found),
                not_before=found.not_valid_before_utc,
                not_after=found.not_valid_after_utc,
                fingerprint=found.fingerprint(SHA256()).hex(),
            )
    except _UNREADABLE as error:
        raise MalformedMessage(f"the certificate cannot be read: {type(error).__name__}") from error


def _name(name: x509.Name) -> str:
    return plain(name.rfc4514_string())


def _names(found: x509.Certificate) -> tuple[str, ...]:
    """The alternative names; only where there are none does the common name count (RFC 6125, 6.4.4)."""
    try:
        extension = found.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        common = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return tuple(plain(str(one.value)).lower() for one in common[:MAX_NAMES])
    if not isinstance(extension, x509.SubjectAlternativeName):
        return ()
    return tuple(plain(name).lower() for name in extension.get_values_for_type(x509.DNSName)[:MAX_NAMES])


def plain(text: str) -> str:
    """At most 255 printable characters of a text from outside; others could forge lines in logs and terminals."""
    return "".join(char if char.isprintable() else "?" for char in text[:MAX_TEXT])
