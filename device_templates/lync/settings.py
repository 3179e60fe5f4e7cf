"""What a Lync deployment has, and what it should have: objects by cmdlet noun and name, with plain values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: A property's value: what PowerShell calls Boolean, Int, String or a list of strings; None is $null.
Value = bool | int | str | tuple[str, ...] | None

#: Cmdlet noun and the object's name, as ``CsAllowedDomain`` and ``partner.example``; names differ by more than case.
Key = tuple[str, str]

#: What was read: the properties of each object that was asked for.
State = Mapping[Key, Mapping[str, Value]]


def key_of(noun: str, name: str) -> Key:
    """The key of an object; Lync names objects without regard to case."""
    return noun, name.casefold()


@dataclass(frozen=True)
class Setting:
    """An object that should be there with these values, or should not.

    ``name`` is how cmdlets are told which; ``values`` are compared and set; ``made_with`` holds what only its creation
    needs. ``existing``: it is there on every deployment, or is made by people, and is never made or removed here.
    """

    feature: str
    noun: str
    name: str
    values: Mapping[str, Value] = field(default_factory=dict)
    made_with: Mapping[str, Value] = field(default_factory=dict)
    present: bool = True
    existing: bool = False

    @property
    def key(self) -> Key:
        return key_of(self.noun, self.name)
