"""What differs between a state and what is wanted, and the steps that take a change back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from device_templates.errors import NotRenderable
from device_templates.lync.nouns import NOUNS
from device_templates.lync.settings import Key, Setting, State, Value


class Step(StrEnum):
    """What happens to an object."""

    SET = "set"
    CREATE = "create"
    REMOVE = "remove"


@dataclass(frozen=True)
class Change:
    """One object's change: ``values`` are what it gets, ``before`` what it had."""

    feature: str
    step: Step
    noun: str
    name: str
    values: Mapping[str, Value] = field(default_factory=dict)
    before: Mapping[str, Value] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return self.noun, self.name.casefold()


def difference(state: State, settings: Iterable[Setting]) -> tuple[Change, ...]:
    """What has to change; raises NotRenderable where an object that must exist does not."""
    found = [_change(state.get(setting.key), setting) for setting in settings]
    return tuple(change for change in found if change is not None)


def _change(now: Mapping[str, Value] | None, wanted: Setting) -> Change | None:
    if not wanted.present:
        return None if now is None else Change(wanted.feature, Step.REMOVE, wanted.noun, wanted.name, {}, dict(now))
    if now is None:
        if wanted.existing:
            raise NotRenderable(
                f"the server has no {wanted.noun} {wanted.name!r}",
                where=wanted.feature,
                rule="LY-2",
                remedy="let the deployment be completed (Topology Builder, setup), or correct the order",
            )
        made = {**wanted.made_with, **wanted.values}
        return Change(wanted.feature, Step.CREATE, wanted.noun, wanted.name, made)
    differing = {name: value for name, value in wanted.values.items() if now.get(name) != value}
    if not differing:
        return None
    before = {name: now.get(name) for name in differing}
    return Change(wanted.feature, Step.SET, wanted.noun, wanted.name, differing, before)


def after(state: State, changes: Iterable[Change]) -> dict[Key, Mapping[str, Value]]:
    """The state that ``changes`` lead to."""
    result = {key: dict(values) for key, values in state.items()}
    for change in changes:
        if change.step is Step.REMOVE:
            result.pop(change.key, None)
        else:
            kept = result.get(change.key, {}) if change.step is Step.SET else {}
            result[change.key] = {**kept, **change.values}
    return dict(result)


def undo_of(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that take ``changes`` back, the last one first.

    Except that dial plans get their regions back before anything: an access number that is made again needs them.
    """
    reversed_ones = [_reverse(change) for change in reversed(tuple(changes))]
    return tuple(sorted(reversed_ones, key=lambda one: one.noun != "CsDialPlan" or one.step is Step.REMOVE))


def _reverse(change: Change) -> Change:
    if change.step is Step.SET:
        return Change(change.feature, Step.SET, change.noun, change.name, change.before, change.values)
    if not NOUNS[change.noun].made:
        raise NotRenderable(f"{change.noun} cannot be made or removed, so its change has no undo", where=change.feature)
    if change.step is Step.CREATE:
        return Change(change.feature, Step.REMOVE, change.noun, change.name, {}, change.values)
    return Change(change.feature, Step.CREATE, change.noun, change.name, change.before)
