"""A simple service request and its life [WV-22]: plain, frozen data that crosses processes as JSON."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue, field_validator

from inventory.described import Described
from inventory.fields import Flag, Name, refusal
from inventory.intent import Edit

#: The most that a request's parameters may hold, as JSON, in characters.
MAX_PARAMETERS = 8_000
#: How deep parameters may be nested.
MAX_DEPTH = 10
#: Moments in other years are mistakes.
YEARS = range(2000, 2100)


class Model(Described):
    """A frozen record; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class State(StrEnum):
    """Where a request stands.

    submitted -> planned -> (waiting_approval ->) scheduled -> applying -> applied, or rolled_back; refused and
    cancelled end it earlier. A request whose outcome is uncertain stays applying and needs a person.
    """

    SUBMITTED = "submitted"
    PLANNED = "planned"
    WAITING_APPROVAL = "waiting_approval"
    SCHEDULED = "scheduled"
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing follows."""
        return self in (State.APPLIED, State.REFUSED, State.ROLLED_BACK, State.CANCELLED)


class Submission(Model):
    """What a customer or another system asks for; ``key`` makes repeating it harmless."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    """A kind of the catalogue."""
    customer: Name
    """The customer's key in the inventory."""
    site: Name
    """The site's name, without the customer."""
    parameters: dict[str, JsonValue] = Field(default_factory=dict, max_length=20)
    """What the kind needs to know; the catalogue says which."""
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/@+-]{1,100}$")]
    """The idempotency key: the same key with the same content is the same request."""
    reference: Annotated[str, Field(pattern=r"^[ -~]{0,80}$")] = ""
    """The customer's own reference."""
    not_before: AwareDatetime | None = None
    """The customer's wish: not before this moment."""
    expedite: Flag = False
    """The customer wants it at once, outside of windows too; that is charged [WV-25]."""

    @field_validator("not_before")
    @classmethod
    def _reachable(cls, moment: datetime | None) -> datetime | None:
        if moment is not None and moment.year not in YEARS:
            raise refusal("is no moment that can be meant", "correct the year")
        return moment

    @field_validator("parameters")
    @classmethod
    def _small(cls, parameters: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if _depth(parameters) > MAX_DEPTH or len(_text(parameters)) > MAX_PARAMETERS:
            raise refusal(f"must hold at most {MAX_PARAMETERS} characters, {MAX_DEPTH} levels deep", "ask for less")
        return parameters

    @property
    def content(self) -> str:
        """SHA-256 over everything but the key: equal for the same request."""
        text = json.dumps(self.model_dump(mode="json", exclude={"key"}), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def place(self) -> str:
        """The site's key in the inventory: ``customer/site``."""
        return f"{self.customer}/{self.site}"


def _text(parameters: dict[str, JsonValue]) -> str:
    """The parameters as JSON; a refusal where JSON or UTF-8 cannot hold them."""
    try:
        text = json.dumps(parameters, allow_nan=False, ensure_ascii=False)
        text.encode()
    except ValueError:
        raise refusal("hold what JSON cannot carry", "leave out NaN, infinities and broken characters") from None
    return text


def _depth(value: JsonValue) -> int:
    """How deep lists and objects are nested in a value."""
    if not isinstance(value, dict | list):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, inner), default=0)


class Step(Model):
    """One line of a request's history; ``text`` holds no secret."""

    at: AwareDatetime
    state: State
    who: str
    text: str = ""


def reference_of(number: int) -> str:
    """The reference of a request's number."""
    return f"SSR-{number:06d}"


class Request(Model):
    """A request as it stands. ``version`` grows with each change: whoever changes one names the version it read."""

    reference: str
    """The agent's reference: SSR-000001."""
    submission: Submission
    who: str
    """Who submitted it."""
    state: State
    version: int = 1
    submitted_at: AwareDatetime
    changed_at: AwareDatetime
    subject: str = ""
    """What it changes: no two requests that have not ended may change the same."""
    edits: tuple[Edit, ...] = ()
    """What it makes intent."""
    plan: str = ""
    """The stored plan: spokesman provision's, shown by plan_text."""
    plan_text: tuple[str, ...] = ()
    """The plan as people read it, secrets hidden."""
    difference: str = ""
    """SHA-256 over what the plan changes: another plan with the same one does the same."""
    approved_by: str = ""
    approved_at: AwareDatetime | None = None
    approved_difference: str = ""
    due: AwareDatetime | None = None
    """When its window opens; None: not scheduled yet."""
    reason: str = ""
    """Why it was refused, taken back, cancelled, or is not further yet."""
    order: str = ""
    """The kind of order that it needs, where it was refused because it changes recurring charges."""
    needs_person: bool = False
    """What a router runs is not known; ``commands`` are what a person should run."""
    commands: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    """Its history, oldest first."""
    owner: str = ""
    """The process that applies it, and until when at most (``held_until``)."""
    held_until: AwareDatetime | None = None
    leaving: State | None = None
    """The state that follows once its intent is taken back, and ``ending`` why."""
    ending: str = ""
    attempts: int = 0
    """How often a step failed in a row."""
    retry_at: AwareDatetime | None = None
    """Not tried again before this moment."""

    def entered(self, state: State, at: datetime, who: str, text: str = "", **fields: Any) -> Request:
        """This request in another state, with a line in its history."""
        step = Step(at=at, state=state, who=who, text=text)
        return self.but(at, **{"attempts": 0, "retry_at": None, **fields}, state=state, steps=(*self.steps, step))

    def but(self, at: datetime, **fields: Any) -> Request:
        """This request with other fields."""
        return self.model_copy(update={"changed_at": at, **fields})
