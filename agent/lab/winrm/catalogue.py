"""What cmdlets one release of Lync Server has and what they take, from data; binding as PowerShell would do it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from agent.lab.winrm.errors import PowerShellError
from agent.lab.winrm.runner import Thing, not_found

_ALL = "*"
_COMMON = {"erroraction": "String", "warningaction": "String", "verbose": "SwitchParameter"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a cmdlet: its .NET type and the parameter sets it is in; ``required`` in those."""

    name: str
    type: str
    sets: frozenset[str]
    required: bool

    def fits(self, chosen: str) -> bool:
        """Whether it may be given in this set."""
        return _ALL in self.sets or chosen in self.sets


@dataclass(frozen=True)
class Catalogue:
    """The cmdlets of a release, its enumerations and the objects of a new deployment."""

    cmdlets: Mapping[str, Mapping[str, Parameter]]
    enumerations: Mapping[str, tuple[str, ...]]
    objects: tuple[Mapping[str, Any], ...]

    def bound(self, cmdlet: str, given: Mapping[str, object]) -> tuple[str, dict[str, object]]:
        """The cmdlet's own name and the parameters by theirs, converted; raises PowerShellError as PowerShell would."""
        name = next((one for one in self.cmdlets if one.lower() == cmdlet.lower()), None)
        if name is None:
            raise not_found(cmdlet)
        known = {one.name.lower(): one for one in self.cmdlets[name].values()}
        bound: dict[str, object] = {}
        for key, value in given.items():
            if key.lower() in _COMMON:
                continue
            parameter = known.get(key.lower())
            if parameter is None:
                raise PowerShellError(
                    f"A parameter cannot be found that matches parameter name '{key}'.",
                    f"NamedParameterNotFound,{name}",
                )
            bound[parameter.name] = self._converted(parameter, value)
        self._resolve(name, bound)
        return name, bound

    def _resolve(self, name: str, bound: Mapping[str, object]) -> None:
        parameters = self.cmdlets[name]
        chosen = {one for parameter in parameters.values() for one in parameter.sets} - {_ALL} or {_ALL}
        possible = [one for one in chosen if all(parameters[key].fits(one) for key in bound)]
        if not possible:
            raise PowerShellError(
                "Parameter set cannot be resolved using the specified named parameters.",
                f"AmbiguousParameterSet,{name}",
            )
        for one in possible:
            missing = [p.name for p in parameters.values() if p.required and p.fits(one) and p.name not in bound]
            if not missing:
                return
        raise PowerShellError(
            f"Cannot process command because of one or more missing mandatory parameters: {' '.join(missing)}.",
            f"MissingMandatoryParameter,{name}",
        )

    def _converted(self, parameter: Parameter, value: object) -> object:
        kind = parameter.type
        if kind in self.enumerations:
            found = next((one for one in self.enumerations[kind] if one.lower() == str(value).lower()), None)
            if found is None:
                raise _cannot_convert(parameter)
            return found
        if kind in {"Boolean", "SwitchParameter"}:
            good: object = value if isinstance(value, bool) else None
        elif kind.startswith(("UInt", "Int")):
            good = value if isinstance(value, int) and not isinstance(value, bool) else None
        elif kind == "Byte[]":
            good = bytes(value) if isinstance(value, bytes | bytearray) else None
        elif kind == "String[]":
            good = (
                [str(one) for one in value] if isinstance(value, list) else [value] if isinstance(value, str) else None
            )
        elif kind in {"PSObject", "AccessNumber", "PSListModifier", "PSCredential"}:
            good = value if isinstance(value, Thing) else None
        else:
            good = "" if value is None and kind == "String" else value if isinstance(value, str) and value else None
        if good is None:
            raise _cannot_convert(parameter)
        return good


def _cannot_convert(parameter: Parameter) -> PowerShellError:
    return PowerShellError(
        f"Cannot bind parameter '{parameter.name}'. Cannot convert the value to type '{parameter.type}'.",
        "CannotConvertArgumentNoMessage",
    )


@cache
def catalogue(release: str) -> Catalogue:
    """What ``2010`` or ``2013`` has."""
    text = resources.files("agent.lab").joinpath("data", f"lync{release}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    cmdlets = {name: {one.name: one for one in map(_parameter, rows)} for name, rows in data["cmdlets"].items()}
    enumerations = {name: tuple(values) for name, values in data["enumerations"].items()}
    return Catalogue(cmdlets, enumerations, tuple(data["object"]))


def _parameter(row: str) -> Parameter:
    name, kind, sets = row.split(" ")
    return Parameter(name, kind.rstrip("!"), frozenset(sets.split(",")), kind.endswith("!"))
