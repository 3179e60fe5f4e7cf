"""SSH host keys of virtual routers."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def new_host_key() -> bytes:
    """A fresh ECDSA P-256 private key in OpenSSH form: quick to make, as a lab starts many routers."""
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
