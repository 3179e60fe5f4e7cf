"""A secret that hides itself in everything but an explicit call."""

from __future__ import annotations

import hashlib
import hmac


class Secret:
    """Holds a secret value; ``str``, ``repr``, formatting and pickling never show it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: only where it goes to a device, a peer or a cipher."""
        return self._value

    def fingerprint(self, key: bytes = b"spokesman") -> str:
        """Twelve hex digits to compare by; keyed, so that it cannot be looked up."""
        return hmac.new(key, self._value.encode(), hashlib.sha256).hexdigest()[:12]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")
