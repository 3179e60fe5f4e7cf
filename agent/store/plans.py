"""Stored plans; the configurations that they were made from and lead to are sealed, because they hold secrets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Column, Engine, ForeignKey, LargeBinary, String, Table, Text, insert, select

from agent.archive.cipher import Cipher, Sealed
from agent.errors import Refused
from agent.provisioning.plan import Plan
from agent.provisioning.ports import PlanTexts
from agent.store.base import Places, UtcDateTime, metadata, within, write

plans = Table(
    "plans",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("site", String(80), nullable=False, index=True),
    Column("created", UtcDateTime, nullable=False),
    Column("document", Text, nullable=False),
)

plan_texts = Table(
    "plan_texts",
    metadata,
    Column("plan", ForeignKey("plans.id"), primary_key=True),
    Column("router", String(63), primary_key=True),
    Column("which", String(10), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("key_id", String(32), nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
)


class PlanReader:
    """Plans as they may be shown: without the texts they were made from, so no key is needed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(
        self, before: datetime | None, limit: int, *, places: Places = None
    ) -> tuple[tuple[datetime, str, str], ...]:
        """At most ``limit`` plans, newest first, made before a moment: when, id and site (``customer/site``)."""
        columns = plans.c
        query = select(columns.created, columns.id, columns.site).order_by(columns.created.desc(), columns.id)
        if before is not None:
            query = query.where(columns.created < before)
        if places is not None:
            query = query.where(within(columns.site, places))
        with self._engine.connect() as connection:
            return tuple((row.created, row.id, row.site) for row in connection.execute(query.limit(limit)))

    def holds(self, plan_id: str, *, places: Places = None) -> bool:
        """Whether there is such a plan, of a site within ``places`` if given."""
        query = select(plans.c.id).where(plans.c.id == plan_id)
        if places is not None:
            query = query.where(within(plans.c.site, places))
        with self._engine.connect() as connection:
            return connection.execute(query).one_or_none() is not None

    def plan(self, plan_id: str) -> Plan:
        """A stored plan; Refused if there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(plans.c.document).where(plans.c.id == plan_id)).one_or_none()
        if row is None:
            raise Refused("there is no such plan", where=plan_id, remedy="make one: spokesman plan SITE")
        try:
            return Plan.model_validate_json(row.document)
        except ValidationError:
            raise Refused(
                "the plan is not one of this release",
                where=plan_id,
                remedy="use the release that made it, or plan again",
            ) from None


class SqlPlans(PlanReader):
    """Plans in the store."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        super().__init__(engine)
        self._cipher = cipher

    def save(self, plan: Plan, texts: Mapping[str, PlanTexts]) -> None:
        """Keep a plan and, by router, the texts it was made from."""
        rows = [
            self._sealed(plan.id, router, which, text)
            for router, pair in texts.items()
            for which, text in (("running", pair.running), ("candidate", pair.candidate))
        ]
        with write(self._engine) as connection:
            connection.execute(
                insert(plans).values(id=plan.id, site=plan.site, created=plan.created, document=plan.model_dump_json())
            )
            if rows:
                connection.execute(insert(plan_texts), rows)

    def texts(self, plan_id: str, router: str) -> PlanTexts:
        """The texts of one device of a plan; Refused if there are none."""
        where = (plan_texts.c.plan == plan_id) & (plan_texts.c.router == router)
        with self._engine.connect() as connection:
            rows = connection.execute(select(plan_texts).where(where)).all()
        opened = {
            row.which: self._cipher.open(
                _bound(plan_id, router, row.which), row.digest, Sealed(row.key_id, row.nonce, row.ciphertext)
            )
            for row in rows
        }
        if set(opened) != {"running", "candidate"}:
            raise Refused("the plan holds no configuration of this router", where=f"{plan_id} {router}")
        return PlanTexts(opened["running"], opened["candidate"])

    def digest(self, router: str, text: str) -> str:
        """A keyed digest: equal for equal texts, and no help to somebody who guesses a secret."""
        return self._cipher.digest(router, text)

    def _sealed(self, plan_id: str, router: str, which: str, text: str) -> dict[str, object]:
        bound = _bound(plan_id, router, which)
        digest = self._cipher.digest(bound, text)
        sealed = self._cipher.seal(bound, digest, text)
        return {
            "plan": plan_id,
            "router": router,
            "which": which,
            "digest": digest,
            "key_id": sealed.key_id,
            "nonce": sealed.nonce,
            "ciphertext": sealed.ciphertext,
        }


def _bound(plan_id: str, router: str, which: str) -> str:
    """What a sealed text belongs to: none can be passed off as another plan's, router's or direction's."""
    return f"plan {plan_id} {router} {which}"
