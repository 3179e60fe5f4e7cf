"""Reads a deployment's settings as structured objects, and says which of them a plan stands on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from agent.errors import IncompleteOutput
from agent.lync.model import Expected
from agent.lync.ports import Output, Session
from device_templates.lync import CREATED, NOUNS, Key, Noun, State, Value, key_of
from inventory.lync import Release

_GLOBAL = "global"


def read_settings(session: Session, release: Release, nouns: Iterable[Noun] = tuple(NOUNS.values())) -> State:
    """The global objects and all those of kinds that are made and removed."""
    state: dict[Key, Mapping[str, Value]] = {}
    for noun in nouns:
        for row in session.call(f"Get-{noun.name}", select=noun.properties(release)):
            name, values = _object(noun, row)
            if noun.name in CREATED or noun.name == "CsPublicProvider" or name.casefold() == _GLOBAL:
                state[key_of(noun.name, name)] = values
    return state


def _object(noun: Noun, row: Output) -> tuple[str, Mapping[str, Value]]:
    if not isinstance(row, Mapping):
        raise IncompleteOutput(f"Get-{noun.name} gave something that is no object", where="WinRM", remedy="try again")
    name = row.get(noun.named_by)
    if not isinstance(name, str) or not name:
        raise IncompleteOutput(f"an object of Get-{noun.name} has no {noun.named_by}", where="WinRM")
    values = {key: _plain(value, several=key in noun.lists) for key, value in row.items() if key != noun.named_by}
    return name.removeprefix("Tag:"), values


def _plain(value: Value, *, several: bool) -> Value:
    """PowerShell turns $null into an empty text for texts, and unrolls a list of one; both are made one form."""
    if value in ("", ()):
        return None
    return (value,) if several and isinstance(value, str) else value


def expectations(state: State, *, directory: bool = True) -> tuple[Expected, ...]:
    """``state`` as what should be found; without what Active Directory keeps, where that is asked."""
    return tuple(
        Expected(noun=noun, name=name, values=dict(values))
        for (noun, name), values in sorted(state.items())
        if directory or not NOUNS[noun].directory
    )


def digest(expected: Iterable[Expected]) -> str:
    """SHA-256 over what is expected; equal for equal settings."""
    rows = [one.model_dump(mode="json") for one in expected]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def all_met(expected: Iterable[Expected], state: State) -> bool:
    """Whether everything is found as expected."""
    return all(one.met_by(state) for one in expected)
