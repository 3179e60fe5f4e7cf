"""Secrets on their way into a configuration: each must be something that the platform reads as one word."""

from __future__ import annotations

import re
from dataclasses import dataclass

from device_templates.cisco_iosxe.hashing import stable_digest
from device_templates.cisco_iosxe.type7 import obscure
from device_templates.errors import SecretUnusable
from device_templates.texts import Secrets

#: Printable ASCII without the blank, without ``?`` (help), ``^`` (control characters) and ``"`` (quoting).
_WORD = re.compile(r"[!#-\x3e@-\]_-~]+")


@dataclass(frozen=True, slots=True)
class SecretWords:
    """Reveals secrets for one router's configuration; errors name the reference, never the value."""

    router: str
    resolve: Secrets

    def __call__(self, reference: str, purpose: str, *, longest: int = 80, shortest: int = 3) -> str:
        """The value of ``reference`` as one word; raises SecretUnusable."""
        value = self.resolve(reference).reveal()
        if not shortest <= len(value) <= longest:
            raise SecretUnusable(
                f"the {purpose} must have {shortest} to {longest} characters",
                where=reference,
                remedy="set another value on every router that shares it",
            )
        if not _WORD.fullmatch(value) or value.startswith("!"):
            raise SecretUnusable(
                f"the {purpose} holds a character that IOS reads otherwise",
                where=reference,
                remedy='use printable ASCII without blanks, ?, ^ and ", and no ! in front',
            )
        return value

    def optional(self, reference: str | None, purpose: str, *, longest: int = 80) -> str:
        """The same, or "" where nothing is referred to."""
        return "" if reference is None else self(reference, purpose, longest=longest)

    def type7(self, reference: str | None, purpose: str, *, longest: int = 80) -> str:
        """The same as the device stores it: in clear, ``configure replace`` would never find it applied."""
        plain = self.optional(reference, purpose, longest=longest)
        return obscure(plain, stable_digest(self.router, purpose, plain)[0] % 16) if plain else ""
