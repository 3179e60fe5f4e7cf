"""What a script of the stub's PowerShell consists of, once it is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or a number."""

    value: str | int


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, ``$_`` among them, and the properties that are asked of it in turn."""

    name: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator with what stands on its sides; ``-not`` has one."""

    operator: str
    sides: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """``@( )`` around a pipeline or a list of expressions."""

    items: tuple[Expression, ...] | Pipeline


@dataclass(frozen=True, slots=True)
class Block:
    """``{ }`` as an argument: an expression about ``$_``."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A cmdlet with its parameters in order, and what stands without a name; None is a switch without a value."""

    name: str
    parameters: tuple[tuple[str, Expression | None], ...]
    arguments: tuple[Expression | Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Calls, or one expression."""

    stages: tuple[Call, ...] = ()
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Assign:
    """A variable and what it gets."""

    name: str
    value: Pipeline


@dataclass(frozen=True, slots=True)
class If:
    """A condition and what is done where it holds."""

    condition: Expression
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class ForEach:
    """A variable that is each item in turn."""

    name: str
    items: Expression
    body: tuple[Statement, ...]


Expression = Literal | Variable | Operation | Array
Statement = Assign | If | ForEach | Pipeline
