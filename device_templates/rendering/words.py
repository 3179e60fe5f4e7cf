"""Secrets on their way into a configuration: each must be something that the platform reads as one word."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from device_templates.errors import SecretUnusable
from device_templates.texts import Secrets


def stable_digest(router: str, purpose: str, password: str) -> bytes:
    """What differs between routers, purposes and passwords but not between renderings: same input, same bytes."""
    return hmac.new(password.encode(), f"{router}/{purpose}".encode(), hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What a secret may be made of on a platform: a pattern, why other characters will not do, and what to use."""

    pattern: re.Pattern[str]
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class SecretWords:
    """Reveals secrets for one router's configuration; errors name the reference, never the value."""

    router: str
    resolve: Secrets
    alphabet: Alphabet

    def __call__(self, reference: str, purpose: str, *, longest: int = 80, shortest: int = 3) -> str:
        """The value of ``reference`` as one word; raises SecretUnusable."""
        value = self.resolve(reference).reveal()
        if not shortest <= len(value) <= longest:
            raise SecretUnusable(
                f"the {purpose} must have {shortest} to {longest} characters",
                where=reference,
                remedy="set another value on every router that shares it",
            )
        if not self.alphabet.pattern.fullmatch(value):
            raise SecretUnusable(
                f"the {purpose} holds a character that {self.alphabet.reason}",
                where=reference,
                remedy=self.alphabet.remedy,
            )
        return value

    def optional(self, reference: str | None, purpose: str, *, longest: int = 80) -> str:
        """The same, or "" where nothing is referred to."""
        return "" if reference is None else self(reference, purpose, longest=longest)
