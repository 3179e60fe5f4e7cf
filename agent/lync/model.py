"""Plans, changes, backups and restorations of Lync deployments as records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, StrictBool, StrictInt, StrictStr

from device_templates.lync import State, key_of

#: Restorations a year that the charges include [LY-7].
INCLUDED = 3


class Record(BaseModel):
    """A frozen record that crosses processes as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(Record):
    """What an object should be found to have; ``values`` None: it should not be there."""

    noun: str
    name: str
    values: dict[str, StrictBool | StrictInt | StrictStr | tuple[StrictStr, ...] | None] | None = None

    def met_by(self, state: State) -> bool:
        """Whether ``state`` has it so; properties that are not named may be anything."""
        found = state.get(key_of(self.noun, self.name))
        if self.values is None or found is None:
            return self.values is None and found is None
        return all(found.get(name) == value for name, value in self.values.items())


class FeatureChange(Record):
    """What changes of one feature, a line for each object."""

    feature: str
    title: str
    clauses: tuple[str, ...]
    lines: tuple[str, ...]


class LyncPlan(Record):
    """A change of one pool's settings: the scripts that make it and take it back, and what each leaves behind."""

    id: str
    customer: str
    pool: str
    server: str
    release: str
    reason: str
    created: AwareDatetime
    author: str
    inventory_digest: str
    state_digest: str
    script_digest: str
    changes: tuple[FeatureChange, ...]
    before: tuple[Expected, ...]
    after: tuple[Expected, ...]
    script: str
    undo: str

    @property
    def nothing_to_do(self) -> bool:
        """Whether the pool is as ordered."""
        return not self.changes


class Step(StrEnum):
    """How far a change came; each is written down before it is begun, and ``backed_up`` when it is done."""

    BEGUN = "begun"
    BACKED_UP = "backed_up"
    RUNNING = "running"
    UNDOING = "undoing"


class Closing(StrEnum):
    """How a change ended; an uncertain one stays open for recovery."""

    DONE = "done"
    UNCHANGED = "unchanged"
    TAKEN_BACK = "taken_back"
    UNCERTAIN = "uncertain"


class Kind(StrEnum):
    """What a change is."""

    APPLY = "apply"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was begun. ``subject`` is the plan, or the number of the backup that is restored.

    ``before`` is the number of the backup that was taken just before; ``step_at`` when the last step was begun.
    """

    id: str
    kind: Kind
    subject: str
    customer: str
    server: str
    who: str
    why: str
    owner: str
    expires: datetime
    step_at: datetime
    fence: int = 0
    step: Step = Step.BEGUN
    before: int | None = None
    closing: Closing | None = None


class Why(StrEnum):
    """Why a backup was taken; each has its own retention."""

    DAILY = "daily"
    ASKED = "asked for"
    BEFORE = "before a change"


@dataclass(frozen=True, slots=True)
class Taking:
    """What is said of a backup that is to be kept; ``parts`` names what it holds."""

    server: str
    taken_at: datetime
    why: Why
    reason: str
    author: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backup:
    """A kept backup of a server's configuration; ``size`` in bytes."""

    server: str
    number: int
    taken_at: datetime
    why: Why
    reason: str
    author: str
    parts: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Contents:
    """What a backup holds: exports by name, and the settings that were read just before."""

    parts: dict[str, bytes] = field(repr=False)
    settings: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True)
class Restoration:
    """A restoration that ``change`` made; ``number`` counts within the customer's year, three are included [LY-7]."""

    change: str
    customer: str
    server: str
    backup: int
    at: datetime
    who: str
    year: int
    number: int
    chargeable: bool
