"""Runs partials: sandboxed, with errors that name template, line and variable, and with bounds on what they may do."""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from device_templates.errors import TemplateError

#: The most characters that one partial may write for one router; the whole of a large hub is about 40,000.
MOST_CHARACTERS = 200_000
#: The most loop rounds and calls of one partial.
MOST_STEPS = 50_000

_FILTERS = {"default", "first", "int", "join", "last", "length", "lower", "replace", "sort", "string", "trim", "upper"}
_TESTS = {"defined", "undefined", "none", "number", "string", "in", "eq", "ne", "lt", "gt", "le", "ge", "even", "odd"}
_FORBIDDEN = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Block)
_UNDEFINED = re.compile(r"'([^']+)' is undefined|has no attribute '([^']+)'")


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja without what a partial has no use for; every loop round and call is counted."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
        )
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.tests = {name: self.tests[name] for name in _TESTS}
        self.globals = {}
        self._taken = threading.local()

    def begin(self) -> None:
        """A new run: nothing is counted yet."""
        self._taken.steps = 0

    def count(self, items: Iterable[object]) -> Iterator[object]:
        """``items``, counted as they are taken."""
        for item in items:
            self.step()
            yield item

    def step(self) -> None:
        """One more round or call, of this thread's run."""
        self._taken.steps += 1
        if self._taken.steps > MOST_STEPS:
            raise SecurityError(f"takes more than {MOST_STEPS} steps")

    def bounded(self, value: str) -> str:
        """``value``, unless it is larger than a partial may be."""
        if len(value) > MOST_CHARACTERS:
            raise SecurityError(f"makes a text of more than {MOST_CHARACTERS} characters")
        return value

    def call(self, *args: Any, **kwargs: Any) -> Any:
        self.step()
        return super().call(*args, **kwargs)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" or (isinstance(left, int) and isinstance(right, int) and operator in {"*", "%"}):
            value = super().call_binop(context, operator, left, right)
            return self.bounded(value) if isinstance(value, str) else value
        raise SecurityError(f"uses the operator {operator} on something other than two numbers")


@dataclass(frozen=True, slots=True)
class Partial:
    """One partial: its name and its source; ``place`` is the file for messages."""

    name: str
    place: str
    source: str


def run(partial: Partial, variables: Mapping[str, object]) -> str:
    """What ``partial`` writes; raises TemplateError with template, line and variable."""
    environment, render = _compiled(partial)
    environment.begin()
    try:
        return render(variables)
    except UndefinedError as error:
        raise _undefined(partial, error, variables) from None
    except SecurityError as error:
        raise TemplateError(str(error), template=partial.place, line=_line(error), remedy=_SANDBOX) from None
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise TemplateError(
            f"fails: {error}", template=partial.place, line=_line(error), remedy="correct the expression"
        ) from None


_SANDBOX = "a partial may only read its variables, loop over them and write lines"


@lru_cache(maxsize=256)
def _compiled(partial: Partial) -> tuple[_Environment, Callable[[Mapping[str, object]], str]]:
    environment = _Environment()
    environment.filters["count_rounds"] = environment.count
    environment.filters["bounded"] = environment.bounded
    try:
        tree = environment.parse(partial.source, partial.name, partial.place)
        _restrict(partial, tree)
        code = environment.compile(tree, partial.name, partial.place)
    except TemplateSyntaxError as error:
        raise TemplateError(
            f"syntax: {error.message}", template=partial.place, line=error.lineno, remedy="see Jinja's template syntax"
        ) from None
    template = environment.template_class.from_code(environment, code, environment.globals)

    def render(variables: Mapping[str, object]) -> str:
        parts: list[str] = []
        size = 0
        for part in template.generate(**variables):
            size += len(part)
            if size > MOST_CHARACTERS:
                raise SecurityError(f"writes more than {MOST_CHARACTERS} characters")
            parts.append(part)
        return "".join(parts)

    return environment, render


def _restrict(partial: Partial, tree: nodes.Template) -> None:
    """Refuses what reads other files, and counts every loop and every text that is put together."""
    for kind in _FORBIDDEN:
        for node in tree.find_all(kind):
            raise TemplateError(
                f"{kind.__name__.lower()} is not available", template=partial.place, line=node.lineno, remedy=_SANDBOX
            )
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = _filtered(loop.iter, "count_rounds")
    for assignment in list(tree.find_all(nodes.Assign)):
        if assignment.node.find(nodes.Concat) or isinstance(assignment.node, nodes.Concat):
            assignment.node = _filtered(assignment.node, "bounded")


def _filtered(node: nodes.Node, name: str) -> nodes.Expr:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _undefined(partial: Partial, error: UndefinedError, variables: Mapping[str, object]) -> TemplateError:
    found = _UNDEFINED.search(str(error))
    variable = next((group for group in found.groups() if group), "") if found else ""
    return TemplateError(
        f"the variable {variable} is undefined" if variable else f"a variable is undefined: {error.message}",
        template=partial.place,
        line=_line(error),
        variable=variable,
        remedy=f"the variables of this partial are {_described(variables)}",
    )


def _described(variables: Mapping[str, object]) -> str:
    """Every variable with its fields."""
    rows = []
    for name, value in variables.items():
        names = [field.name for field in fields(value)] if is_dataclass(value) else []
        rows.append(f"{name}({', '.join(names)})" if names else name)
    return "; ".join(rows)


def _line(error: BaseException) -> int:
    """The line of the template in which ``error`` arose."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.name in {"root", "top-level template code"} or frame.name.startswith("block ")
    ]
    return (lines[-1] or 0) if lines else 0
