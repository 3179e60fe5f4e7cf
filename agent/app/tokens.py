"""API tokens: made, listed and revoked by people of this machine, and recognised by the API."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from agent.app.app import utc_now
from agent.config import Paths
from agent.events import Clock, Event, Result
from agent.store.audit import AuditStore
from agent.store.base import open_store
from agent.store.migrate import upgrade
from agent.store.tokens import TokenStore
from agent.tokens import FORM, RANDOM_BYTES, Role, Token, checked, digest_of, spelt
from inventory import Inventory, load_settings

#: The last use is written at most this often, so that reading does not mean writing.
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new token should be."""

    name: str
    role: Role
    customer: str = ""
    sites: tuple[str, ...] = ()
    expires_at: datetime | None = None


class Tokens:
    """The tokens of a workspace; works while the customers' files are wrong, so that one can be revoked then."""

    def __init__(
        self, engine: Engine, clock: Clock = utc_now, randomness_of: Callable[[int], bytes] = randomness.token_bytes
    ) -> None:
        self._store = TokenStore(engine)
        self._audit = AuditStore(engine)
        self._clock, self._random = clock, randomness_of

    def add(self, wish: Wish, inventory: Inventory, who: str) -> tuple[Token, str]:
        """A new token, and its text, which is shown this once and kept nowhere.

        Refused for limits that make no sense, UnknownName for a customer or site that the inventory does not hold.
        """
        secret = spelt(self._random(RANDOM_BYTES))
        token = checked(
            Token(
                name=wish.name,
                role=wish.role,
                digest=digest_of(secret),
                created_at=self._clock(),
                created_by=who,
                customer=wish.customer,
                sites=tuple(sorted(set(wish.sites))),
                expires_at=wish.expires_at,
            )
        )
        if token.customer:
            inventory.customer(token.customer)
        for site in token.sites:
            inventory.site(f"{token.customer}/{site}")
        self._store.add(token)
        limits = " ".join((token.customer, *token.sites)) or "not limited"
        self._note("token.add", token.name, who, f"{token.role}, {limits}, {lasting(token)}")
        return token, secret

    def list(self) -> tuple[Token, ...]:
        """All tokens by name, revoked and expired ones too."""
        return self._store.tokens()

    def revoke(self, name: str, who: str, why: str = "") -> Token:
        """Refuse it from now on: the API looks each token up for each request."""
        revoked = self._store.revoke(name, self._clock())
        self._note("token.revoke", name, who, "", why)
        return revoked

    def recognise(self, secret: str) -> Token | None:
        """The token that ``secret`` is, revoked and expired ones too; None for a text that is none of ours."""
        return self._store.by_digest(digest_of(secret)) if FORM.match(secret) else None

    def used(self, token: Token) -> None:
        """Remember that a token was used."""
        now = self._clock()
        if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
            self._store.used(token.name, now)

    def _note(self, action: str, name: str, who: str, detail: str, why: str = "") -> None:
        self._audit.record(Event(self._clock(), who, action, name, why, Result.DONE, detail))


def lasting(token: Token) -> str:
    """Until when a token may be used, in words."""
    return "does not expire" if token.expires_at is None else f"until {token.expires_at:%Y-%m-%d %H:%M}Z"


def tokens_of(root: Path) -> Tokens:
    """The tokens of the workspace at ``root``; needs spokesman.toml and no customer's file."""
    engine = open_store(Paths(root).store_url(load_settings(root)))
    upgrade(engine)
    return Tokens(engine)
