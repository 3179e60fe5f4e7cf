"""Simple service requests and chargeable events; each new state goes to the webhooks' outbox in one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from agent.errors import Refused
from agent.events import Event, Result
from agent.requests.charges import Charge
from agent.requests.model import Request, State, Submission, reference_of
from agent.requests.ports import Overtaken
from agent.requests.webhooks.event import RequestEvent
from agent.store.audit import note
from agent.store.base import UtcDateTime, metadata, write
from agent.store.outbox import enqueue, new_event_id

requests = Table(
    "requests",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("scope", String(120), nullable=False),
    Column("key", String(100), nullable=False),
    Column("content", String(64), nullable=False),
    Column("customer", String(63), nullable=False, index=True),
    Column("subject", String(200), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("document", Text, nullable=False),
    Index("uq_requests_key", "scope", "key", unique=True),
    #: One request on a subject at a time.
    Index(
        "uq_requests_pending",
        "subject",
        unique=True,
        sqlite_where=text("state NOT IN ('applied', 'refused', 'rolled_back', 'cancelled')"),
        postgresql_where=text("state NOT IN ('applied', 'refused', 'rolled_back', 'cancelled')"),
    ),
)

charges = Table(
    "charges",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("source", String(120), nullable=False),
    Column("customer", String(63), nullable=False, index=True),
    Column("occurred_at", UtcDateTime, nullable=False, index=True),
    Column("document", Text, nullable=False),
    #: What the agent records by itself is recorded once.
    Index(
        "uq_charges_source",
        "source",
        unique=True,
        sqlite_where=text("source != ''"),
        postgresql_where=text("source != ''"),
    ),
)

_RESULTS = {State.REFUSED: Result.REFUSED, State.ROLLED_BACK: Result.ROLLED_BACK}
_ENDED = tuple(str(state) for state in State if state.ended)
_REFERENCE = re.compile(r"SSR-([0-9]{6,9})", re.IGNORECASE)
#: What a receiver of webhooks is told of a request beside its state: nothing of our own people and their commands,
#: because it may be the customer's.
_TOLD = ("plan", "due", "reason", "order", "needs_person")
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b(?:/\d{1,2})?")


class SqlRequests:
    """Implements ``agent.requests.ports.RequestStore``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, submission: Submission, who: str) -> Request | None:
        """The request of this key; Refused where the key stands for another content."""
        with self._engine.connect() as connection:
            return _repeated(connection, submission, who)

    def add(self, submission: Submission, who: str, make: Callable[[str, Request | None], Request]) -> Request:
        """Keep what ``make`` gives for the next reference and the request that is pending on the same subject."""
        try:
            return self._add(submission, who, make)
        except IntegrityError:  # another process was faster with this key or subject, which is seen now
            return self._add(submission, who, make)

    def _add(self, submission: Submission, who: str, make: Callable[[str, Request | None], Request]) -> Request:
        with write(self._engine) as connection:
            if (known := _repeated(connection, submission, who)) is not None:
                return known
            number = (connection.execute(select(func.max(requests.c.number))).scalar() or 0) + 1
            made = make(reference_of(number), None)
            other = _pending(connection, made.subject) if not made.state.ended else None
            if other is not None:
                made = make(reference_of(number), other)
            connection.execute(
                insert(requests).values(
                    number=number,
                    scope=who,
                    key=submission.key,
                    content=submission.content,
                    customer=submission.customer,
                    submitted_at=made.submitted_at,
                    **_columns(made),
                )
            )
            _tell(connection, made, 0)
        return made

    def request(self, reference: str) -> Request:
        """One request; Refused for a reference that does not exist."""
        with self._engine.connect() as connection:
            row = connection.execute(select(requests.c.document).where(requests.c.number == _number(reference)))
            document = row.scalar()
        if document is None:
            raise _unknown(reference)
        return _read(document)

    def requests(self, customer: str | None = None, state: State | None = None) -> tuple[Request, ...]:
        """Requests, newest first."""
        query = select(requests.c.document).order_by(requests.c.number.desc())
        if customer is not None:
            query = query.where(requests.c.customer == customer)
        if state is not None:
            query = query.where(requests.c.state == str(state))
        return self._all(query)

    def pending(self) -> tuple[Request, ...]:
        """Requests that have not ended, oldest first."""
        return self._all(select(requests.c.document).where(requests.c.state.not_in(_ENDED)).order_by(requests.c.number))

    def change(self, before: Request, after: Request) -> Request:
        """Write ``after`` where ``before`` is still what is stored; Refused where somebody else was faster."""
        after = after.model_copy(update={"version": before.version + 1})
        number = _number(before.reference)
        with write(self._engine) as connection:
            done = connection.execute(
                update(requests)
                .where(requests.c.number == number, requests.c.version == before.version)
                .values(**_columns(after))
            )
            if done.rowcount != 1:
                raise Overtaken(
                    "somebody else works on this request just now",
                    where=before.reference,
                    remedy=f"look at it again: spokesman request show {before.reference}",
                )
            _tell(connection, after, len(before.steps))
        return after

    def charge(self, charge: Charge) -> Charge:
        """Keep a chargeable event; one with a source that is known already is given back as it was recorded."""
        with write(self._engine) as connection:
            if charge.source:
                known = connection.execute(select(charges.c.document).where(charges.c.source == charge.source)).scalar()
                if known is not None:
                    return Charge.model_validate_json(known)
            number = (connection.execute(select(func.max(charges.c.number))).scalar() or 0) + 1
            kept = charge.model_copy(update={"reference": f"CHG-{number:06d}"})
            connection.execute(
                insert(charges).values(
                    number=number,
                    source=kept.source,
                    customer=kept.customer,
                    occurred_at=kept.occurred_at,
                    document=kept.model_dump_json(),
                )
            )
        return kept

    def charged(self, customer: str | None = None, since: datetime | None = None) -> tuple[Charge, ...]:
        """Chargeable events, in the order in which they happened."""
        query = select(charges.c.document).order_by(charges.c.occurred_at, charges.c.number)
        if customer is not None:
            query = query.where(charges.c.customer == customer)
        if since is not None:
            query = query.where(charges.c.occurred_at >= since)
        with self._engine.connect() as connection:
            return tuple(Charge.model_validate_json(document) for document in connection.execute(query).scalars())

    def _all(self, query: Select[tuple[str]]) -> tuple[Request, ...]:
        with self._engine.connect() as connection:
            return tuple(_read(row.document) for row in connection.execute(query))


def _columns(request: Request) -> dict[str, object]:
    return {
        "subject": request.subject,
        "state": str(request.state),
        "version": request.version,
        "document": request.model_dump_json(),
    }


def _repeated(connection: Connection, submission: Submission, who: str) -> Request | None:
    where = (requests.c.scope == who) & (requests.c.key == submission.key)
    row = connection.execute(select(requests.c.content, requests.c.document).where(where)).one_or_none()
    if row is None:
        return None
    known = _read(row.document)
    if row.content != submission.content:
        raise Refused(
            f"the key {submission.key} was used for another request, {known.reference}",
            remedy="use a new key for a new request, and the same content to repeat one",
        )
    return known


def _pending(connection: Connection, subject: str) -> Request | None:
    where = (requests.c.subject == subject) & requests.c.state.not_in(_ENDED)
    document = connection.execute(select(requests.c.document).where(where)).scalar()
    return None if document is None else _read(document)


def _tell(connection: Connection, request: Request, known: int) -> None:
    """Write an event and a line of the audit for each line of the history after the first ``known`` ones."""
    document = request.model_dump(mode="json", include=set(_TOLD))
    document["reason"] = _veiled(request.reason, request.state)
    submission, last = request.submission, len(request.steps) - 1
    for place, step in enumerate(request.steps[known:], start=known):
        why = f"{submission.kind} at {submission.place}"
        result = _RESULTS.get(step.state, Result.DONE)
        note(connection, Event(step.at, step.who, f"request.{step.state}", request.reference, why, result, step.text))
        enqueue(
            connection,
            RequestEvent(
                id=new_event_id(),
                kind=f"request.{step.state}",
                request=request.reference,
                customer=submission.customer,
                site=submission.site,
                occurred_at=step.at,
                data={
                    "kind": submission.kind,
                    "parameters": submission.parameters,
                    "customer_reference": submission.reference,
                    "text": _veiled(step.text, step.state),
                    # What it came to is no news of an earlier state.
                    **(document if place == last else {}),
                },
            ),
        )


def _veiled(text: str, state: State) -> str:
    """What a receiver may read: a refusal speaks of the customer's own networks, a failure of ours."""
    return text if state is State.REFUSED else _ADDRESS.sub("(an address)", text)


def _read(document: str) -> Request:
    try:
        return Request.model_validate_json(document)
    except ValidationError:
        raise Refused("a stored request is not one of this release", remedy="use the release that stored it") from None


def _number(reference: str) -> int:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise Refused(
            f"{reference[:40]!r} is no request's reference", remedy="write it as `spokesman request list` shows it"
        )
    return int(match.group(1))


def _unknown(reference: str) -> Refused:
    return Refused("there is no such request", where=reference[:40], remedy="spokesman request list")
