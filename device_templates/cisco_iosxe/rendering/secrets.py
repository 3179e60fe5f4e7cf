"""Secrets on their way into an IOS configuration: one word each, and obscured where the device stores them so."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from device_templates.cisco_iosxe.type7 import obscure
from device_templates.rendering.words import Alphabet, SecretWords, stable_digest

#: Printable ASCII without the blank, without ``?`` (help), ``^`` (control characters) and ``"`` (quoting).
IOS = Alphabet(
    re.compile(r"(?!!)[!#-\x3e@-\]_-~]+"),
    "IOS reads otherwise",
    'use printable ASCII without blanks, ?, ^ and ", and no ! in front',
)


@dataclass(frozen=True, slots=True)
class IosWords(SecretWords):
    """Secrets as IOS takes them."""

    alphabet: Alphabet = field(default=IOS)

    def type7(self, reference: str | None, purpose: str, *, longest: int = 80) -> str:
        """The same as the device stores it: in clear, ``configure replace`` would never find it applied."""
        plain = self.optional(reference, purpose, longest=longest)
        return obscure(plain, stable_digest(self.router, purpose, plain)[0] % 16) if plain else ""
