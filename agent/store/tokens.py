"""API tokens in the database: digests only, so that whoever reads it can use none of them."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Engine, Row, String, Table, Text, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.errors import Refused
from agent.store.base import UtcDateTime, metadata, write
from agent.tokens import Role, Token

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("name", String(31), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("customer", String(63), nullable=False),
    Column("sites", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
)


class TokenStore:
    """Implements ``agent.app.tokens.TokenStore``; a revoked token stays, so that its name is not given again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, token: Token) -> None:
        """Keep a new token; Refused where its name was used before."""
        try:
            with write(self._engine) as connection:
                connection.execute(insert(api_tokens).values(_values(token)))
        except IntegrityError:
            raise Refused(
                "a token of this name exists, or existed: the audit knows it by its name",
                where=token.name,
                remedy="choose another name; spokesman token list shows all",
            ) from None

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, revoked and expired ones too, by name."""
        with self._engine.connect() as connection:
            return tuple(_token(row) for row in connection.execute(select(api_tokens).order_by(api_tokens.c.name)))

    def by_digest(self, digest: str) -> Token | None:
        """The token of a digest.

        The index is asked for the digest, not for the token: how long it takes tells at most about a digest, from which
        no token follows. What it finds is compared once more in constant time.
        """
        with self._engine.connect() as connection:
            row = connection.execute(select(api_tokens).where(api_tokens.c.digest == digest)).one_or_none()
        if row is None or not hmac.compare_digest(row.digest, digest):
            return None
        return _token(row)

    def revoke(self, name: str, at: datetime) -> Token:
        """Let it be used no more; Refused for one that does not exist or was revoked before."""
        with write(self._engine) as connection:
            found = connection.execute(select(api_tokens).where(api_tokens.c.name == name)).one_or_none()
            if found is None:
                raise Refused("there is no token of this name", where=name, remedy="spokesman token list shows all")
            if found.revoked_at is not None:
                raise Refused(f"the token was revoked at {found.revoked_at:%Y-%m-%d %H:%M}Z", where=name)
            connection.execute(update(api_tokens).where(api_tokens.c.name == name).values(revoked_at=at))
            return _token(found)

    def used(self, name: str, at: datetime) -> None:
        """Remember when it was last used."""
        with write(self._engine) as connection:
            connection.execute(update(api_tokens).where(api_tokens.c.name == name).values(last_used_at=at))


def _values(token: Token) -> Mapping[str, Any]:
    values = {name: getattr(token, name) for name in Token.__dataclass_fields__}
    return values | {"role": token.role.value, "sites": json.dumps(token.sites)}


def _token(row: Row[Any]) -> Token:
    values = dict(row._mapping)
    return Token(**(values | {"role": Role(row.role), "sites": tuple(json.loads(row.sites))}))
