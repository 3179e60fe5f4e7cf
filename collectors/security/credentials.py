"""Who asks: an SNMPv2c community or an SNMPv3 user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from collectors.errors import BadTarget
from inventory.secret import Secret

#: What a user is authenticated and encrypted with.
AuthWord = Literal["sha", "sha224", "sha256", "sha384", "sha512", "md5"]
PrivWord = Literal["aes", "aes192", "aes256", "aes192-blumenthal", "aes256-blumenthal", "des"]


@dataclass(frozen=True, slots=True)
class Community:
    """SNMPv2c: a community, which travels in clear."""

    community: Secret


@dataclass(frozen=True, slots=True)
class V3User:
    """An SNMPv3 user: an HMAC of RFC 3414 or RFC 7860, and a cipher of RFC 3826 or, with a longer key, of a draft.

    ``aes192`` and ``aes256`` extend a hash that is too short as routers do, the others as net-snmp does; with a hash
    that is long enough the two are the same. Only who is asked for as ``weak`` may have MD5 or DES, or no privacy or no
    authentication: an empty password.
    """

    name: str
    auth: Secret
    priv: Secret
    auth_protocol: AuthWord = "sha256"
    priv_protocol: PrivWord = "aes"
    weak: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.name.encode()) <= 32:
            raise BadTarget("an SNMPv3 user name has 1 to 32 octets: correct the credentials")
        auth, priv = len(self.auth.reveal().encode()), len(self.priv.reveal().encode())
        for what, octets in (("authentication", auth), ("privacy", priv)):
            if octets < 8 and not (self.weak and octets == 0):  # RFC 3414, section 11.2
                raise BadTarget(
                    f"SNMPv3 user {self.name}: the {what} password has fewer than 8 octets: set a longer one"
                )
        if priv and not auth:
            raise BadTarget(f"SNMPv3 user {self.name}: privacy needs authentication: set its password")
        if self.priv_protocol == "des" and not self.weak:
            raise BadTarget(f"SNMPv3 user {self.name}: DES is broken: use AES, or ask for a weak user")
        if self.auth_protocol == "md5" and not self.weak:
            raise BadTarget(f"SNMPv3 user {self.name}: MD5 is broken: use SHA, or ask for a weak user")
