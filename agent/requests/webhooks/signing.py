"""Signatures as Standard Webhooks 1.0.0 has them: HMAC-SHA256 over identity, time and body, so that no part is swapped.

A secret is ``whsec_`` and the Base64 of 24 to 64 random bytes; the signature header lists one signature for each secret
in use, parted by spaces: ``v1,BASE64``. https://www.standardwebhooks.com
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from agent.errors import ConfigurationProblem
from inventory import Secret

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
#: What the specification allows, in bytes.
SHORTEST_KEY, LONGEST_KEY = 24, 64


def key_of(secret: Secret, where: str) -> bytes:
    """The key that a secret holds; raises ConfigurationProblem, without the secret, for one of another form."""
    text = secret.reveal()
    try:
        key = b64decode(text.removeprefix(PREFIX), validate=True) if text.startswith(PREFIX) else b""
    except (binascii.Error, ValueError):  # not ASCII is a ValueError
        key = b""
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ConfigurationProblem(
            f"is no webhook secret: {PREFIX} and the Base64 of {SHORTEST_KEY} to {LONGEST_KEY} random bytes",
            where=where,
            remedy="make one: echo whsec_$(openssl rand -base64 32)",
        )
    return key


def signature(key: bytes, identity: str, timestamp: int, body: bytes) -> str:
    """One signature; ``timestamp`` is whole seconds since 1970 of this attempt."""
    signed = f"{identity}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(key, signed, sha256)).decode("ascii")


def headers(identity: str, at: datetime, body: bytes, keys: Sequence[bytes]) -> Mapping[str, str]:
    """The headers of one attempt; several keys while a secret is changed."""
    timestamp = int(at.timestamp())
    return {
        ID: identity,
        TIMESTAMP: str(timestamp),
        SIGNATURE: " ".join(signature(key, identity, timestamp, body) for key in keys),
    }
