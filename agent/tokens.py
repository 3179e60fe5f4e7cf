"""Who may use the API: roles, what a token is limited to, and how one is made and judged. Pure."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from agent.errors import Refused

#: A token begins with this, so that people and scanners of published text recognise one.
PREFIX = "spk_"
#: Random bytes in a token: 256 bits.
RANDOM_BYTES = 32
#: What a token looks like: the prefix, and the random bytes in base64 without padding.
FORM = re.compile(rf"^{PREFIX}[A-Za-z0-9_-]{{43}}$")
#: A token's name: it stands in the audit, where it must not be taken for a sentence.
NAME = re.compile(r"^[a-z][a-z0-9-]{0,30}$")
#: In front of a token's name where the audit says who, so that no token passes for a login of this machine.
WHO = "api:"
#: How long a token lasts at most, in days, unless it is made to last for ever.
LONGEST_DAYS = 3650


class Role(StrEnum):
    """What a token may do; docs/api.md has the table of operations."""

    ENGINEER = "engineer"
    OPERATOR = "operator"
    AUTOMATION = "automation"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept; ``digest`` is SHA-256 of it in hexadecimal, the token itself is nowhere.

    A fast hash is enough: a slow one makes guessing a person's password expensive, and 256 random bits cannot be
    guessed at any speed. ``customer`` and ``sites`` (bare names) limit it; empty: not limited.
    """

    name: str
    role: Role
    digest: str
    created_at: datetime
    created_by: str
    customer: str = ""
    sites: tuple[str, ...] = ()
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def who(self) -> str:
        """As the audit names it."""
        return f"{WHO}{self.name}"

    def may_see(self, customer: str, site: str = "") -> bool:
        """Whether something of a customer, of one of its sites where it belongs to one, is within the limits."""
        if not self.customer:
            return True
        return customer == self.customer and (not self.sites or site in self.sites)

    def refusal(self, now: datetime) -> str:
        """Why it may not be used at ``now``; empty: it may."""
        if self.revoked_at is not None:
            return "the token was revoked"
        if self.expires_at is not None and now >= self.expires_at:
            return f"the token expired at {self.expires_at:%Y-%m-%d %H:%M}Z"
        return ""


def spelt(random: bytes) -> str:
    """The token that ``random`` makes; Refused for fewer than 256 bits."""
    if len(random) != RANDOM_BYTES:
        raise Refused(f"a token is made of {RANDOM_BYTES} random bytes")
    return PREFIX + urlsafe_b64encode(random).decode().rstrip("=")


def digest_of(secret: str) -> str:
    """What is kept of a token, and looked up by."""
    return hashlib.sha256(secret.encode()).hexdigest()


def checked(token: Token) -> Token:
    """``token`` itself; Refused where its name or its limits make no sense."""
    if not NAME.match(token.name):
        remedy = "lower-case letters, digits and hyphens, a letter first, at most 31"
        raise Refused(f"{token.name!r} is no name for a token", remedy=remedy)
    if token.role is Role.CUSTOMER and not token.customer:
        raise Refused("a customer's token is limited to a customer", where=token.name, remedy="--customer NAME")
    if token.sites and not token.customer:
        raise Refused("sites are limited within a customer", where=token.name, remedy="--customer NAME")
    if token.expires_at is not None and token.expires_at <= token.created_at:
        raise Refused("the token would be expired already", where=token.name, remedy="--expires a later day")
    return token


def expiry(text: str, now: datetime) -> datetime | None:
    """The moment that ``90d``, ``2027-01-31`` (the end of that day, UTC) or ``never`` means; Refused for others."""
    if text == "never":
        return None
    if match := re.fullmatch(r"(\d{1,4})d", text):
        days = int(match.group(1))
        if 0 < days <= LONGEST_DAYS:
            return now + timedelta(days=days)
    else:
        try:
            return datetime.combine(date.fromisoformat(text), time(0), UTC) + timedelta(days=1)
        except (ValueError, OverflowError):
            pass
    raise Refused(
        f"{text!r} is no expiry", remedy=f"write days (90d, at most {LONGEST_DAYS}d), a day (2027-01-31), or never"
    )
