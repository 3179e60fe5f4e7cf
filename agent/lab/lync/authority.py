"""The certificate authority of a lab's Lync servers: it issues certificates that end when a test wants them to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: Where a lab leaves its authority's certificate, for `lync.ca_file`.
CA_FILE = "lync-ca.pem"
_KEY_FILE = "lync-ca.key"
_LIFE = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key, both as files that only their owner reads."""

    certificate: Path
    key: Path


class LyncAuthority:
    """The authority in ``directory``: made at the first start, the same at every further one."""

    def __init__(self, directory: Path, state: Path) -> None:
        self._state = state
        self.file = directory / CA_FILE
        key = state / _KEY_FILE
        if not (key.exists() and self.file.exists()):
            self._make(key)
        self._key = _read_key(key)
        self._certificate = x509.load_pem_x509_certificate(self.file.read_bytes())

    def issue(self, server: str, names: tuple[str, ...], now: datetime, days: float) -> Issued:
        """A certificate for ``names`` that ends ``days`` after ``now``, before it where negative; the key stays."""
        path = self._state / f"{server}.tls.key"
        if not path.exists():
            _write(path, _octets(ec.generate_private_key(ec.SECP256R1())))
        key = _read_key(path)
        begins, ends = now - timedelta(days=max(1.0, 1 - days)), now + timedelta(days=days)
        built = (
            _builder(names[0], self._certificate.subject, begins, ends)
            .public_key(key.public_key())
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        certificate = self._state / f"{server}.tls.pem"
        _write(certificate, built.public_bytes(Encoding.PEM))
        return Issued(certificate, path)

    def _make(self, path: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lab Lync authority")])
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        built = (
            _builder("Lab Lync authority", name, now - timedelta(days=30), now + _LIFE)
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        _write(path, _octets(key))
        _write(self.file, built.public_bytes(Encoding.PEM))


def _builder(name: str, issuer: x509.Name, begins: datetime, ends: datetime) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    return builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)


def _octets(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path.name} is another kind of key")
    return key


def _write(path: Path, octets: bytes) -> None:
    """In one step, for its owner's eyes only."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(octets)
    new.replace(path)
