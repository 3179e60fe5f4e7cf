"""Runs the stub's PowerShell against a deployment: variables, conditions, loops, pipelines and error preference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from agent.lab.winrm.errors import PowerShellError
from agent.lab.winrm.reader import read
from agent.lab.winrm.syntax import (
    Array,
    Assign,
    Block,
    Call,
    Expression,
    ForEach,
    If,
    Literal,
    Operation,
    Pipeline,
    Statement,
    Variable,
)

Value = object

#: Runs one cmdlet: its name, its bound parameters and what comes down the pipeline; gives what it outputs.
Cmdlet = Callable[[str, Mapping[str, Value]], list[Value]]


@dataclass(frozen=True)
class Thing:
    """An object with properties; names are found without regard to case."""

    kind: str
    properties: Mapping[str, Value]

    def get(self, name: str) -> Value:
        """A property's value; None where there is none, as PowerShell without strict mode has it."""
        return next((value for key, value in self.properties.items() if key.lower() == name.lower()), None)


@dataclass
class Runspace:
    """One session's variables and modules; ``errors`` are the records that did not end the pipeline."""

    cmdlet: Cmdlet
    variables: dict[str, Value] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    errors: list[PowerShellError] = field(default_factory=list)

    def script(self, text: str) -> Iterator[Value]:
        """Run a script; outputs come as they are made. Raises PowerShellError for what ends the pipeline."""
        yield from self._run(read(text))

    def pipeline(self, calls: list[tuple[str, dict[str, Value]]]) -> Iterator[Value]:
        """Run cmdlets that came with their parameters, not as a script."""
        passed: list[Value] = []
        for place, (name, parameters) in enumerate(calls):
            passed = self._stage(name, parameters, (), passed if place else None)
        yield from passed

    def _run(self, statements: tuple[Statement, ...]) -> Iterator[Value]:
        for statement in statements:
            try:
                yield from self._statement(statement)
            except PowerShellError as error:
                if error.fatal or self.variables.get("erroractionpreference") == "Stop":
                    raise
                self.errors.append(error)

    def _statement(self, statement: Statement) -> Iterator[Value]:
        if isinstance(statement, Assign):
            kept = statement.value.expression  # an array stays one, however many items it has
            value = _unrolled(self._outputs(statement.value)) if kept is None else self._value(kept)
            self.variables[statement.name] = value
        elif isinstance(statement, If):
            if _true(self._value(statement.condition)):
                yield from self._run(statement.body)
        elif isinstance(statement, ForEach):
            items = self._value(statement.items)
            for item in items if isinstance(items, list) else [items]:
                self.variables[statement.name] = item
                yield from self._run(statement.body)
        else:
            yield from self._outputs(statement)

    def _outputs(self, pipeline: Pipeline) -> list[Value]:
        if pipeline.expression is not None:
            value = self._value(pipeline.expression)
            return value if isinstance(value, list) else [value]
        passed: list[Value] = []
        for place, call in enumerate(pipeline.stages):
            passed = self._stage(call.name, self._bound(call), call.arguments, passed if place else None)
        return passed

    def _bound(self, call: Call) -> dict[str, Value]:
        bound: dict[str, Value] = {}
        for name, expression in call.parameters:
            if name.lower() in (known.lower() for known in bound):
                raise PowerShellError(f"parameter '{name}' is given twice", "ParameterAlreadyBound", fatal=True)
            bound[name] = True if expression is None else self._value(expression)
        return bound

    def _stage(
        self,
        name: str,
        parameters: dict[str, Value],
        arguments: tuple[Expression | Block, ...],
        passed: list[Value] | None,
    ) -> list[Value]:
        own = _LANGUAGE.get(name.lower())
        if own is not None:
            return own(self, parameters, arguments, passed)
        if arguments:
            raise PowerShellError(f"{name}: this stub takes parameters by name only", "PositionalParameterNotFound")
        if passed is not None:
            raise PowerShellError(f"{name}: this stub binds nothing from a pipeline", "InputObjectNotBound")
        if "lync" not in self.modules and "-cs" in name.lower():
            raise not_found(name)
        return self.cmdlet(name, parameters)

    def _where(
        self, _parameters: Mapping[str, Value], arguments: tuple[Expression | Block, ...], passed: list[Value] | None
    ) -> list[Value]:
        if len(arguments) != 1 or not isinstance(arguments[0], Block) or passed is None:
            raise PowerShellError("Where-Object takes one block here", "PositionalParameterNotFound", fatal=True)
        kept = []
        for item in passed:
            self.variables["_"] = item
            if _true(self._value(arguments[0].condition)):
                kept.append(item)
        return kept

    def _out_null(
        self, _parameters: Mapping[str, Value], _arguments: tuple[Expression | Block, ...], _passed: list[Value] | None
    ) -> list[Value]:
        return []

    def _select(
        self, parameters: Mapping[str, Value], _arguments: tuple[Expression | Block, ...], passed: list[Value] | None
    ) -> list[Value]:
        names = parameters.get("Property")
        if set(parameters) != {"Property"} or not isinstance(names, list) or passed is None:
            raise PowerShellError("Select-Object takes -Property and a list here", "NamedParameterNotFound", fatal=True)
        things = [item for item in passed if isinstance(item, Thing)]
        return [Thing(f"Selected.{one.kind}", {str(name): one.get(str(name)) for name in names}) for one in things]

    def _import_module(
        self, parameters: Mapping[str, Value], arguments: tuple[Expression | Block, ...], _passed: list[Value] | None
    ) -> list[Value]:
        named: list[Value] = [one.value for one in arguments if isinstance(one, Literal)] or [parameters.get("Name")]
        if [str(one).lower() for one in named] != ["lync"]:
            raise PowerShellError(
                f"The specified module '{named[0]}' was not loaded because no valid module file was found in any "
                "module directory.",
                "Modules_ModuleNotFound",
            )
        self.modules.add("lync")
        return []

    def _value(self, expression: Expression) -> Value:
        if isinstance(expression, Literal):
            return expression.value
        if isinstance(expression, Variable):
            return self._variable(expression)
        if isinstance(expression, Array):
            if isinstance(expression.items, Pipeline):
                return self._outputs(expression.items)
            return [self._value(one) for one in expression.items]
        return self._operation(expression)

    def _variable(self, variable: Variable) -> Value:
        constants: dict[str, Value] = {"true": True, "false": False, "null": None}
        value = constants.get(variable.name, self.variables.get(variable.name))
        for name in variable.properties:
            if isinstance(value, list):
                value = len(value) if name.lower() == "count" else None
            else:
                value = value.get(name) if isinstance(value, Thing) else None
        return value

    def _operation(self, operation: Operation) -> Value:
        operator = operation.operator
        if operator == "-not":
            return not _true(self._value(operation.sides[0]))
        left, right = operation.sides
        if operator == "-and":
            return _true(self._value(left)) and _true(self._value(right))
        if operator == "-or":
            return _true(self._value(left)) or _true(self._value(right))
        return _compared(operator, self._value(left), self._value(right))


_LANGUAGE = {
    "where-object": Runspace._where,
    "select-object": Runspace._select,
    "out-null": Runspace._out_null,
    "import-module": Runspace._import_module,
}


def not_found(name: str) -> PowerShellError:
    """The error for a cmdlet that there is not."""
    return PowerShellError(
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable program.",
        "CommandNotFoundException",
    )


def _unrolled(outputs: list[Value]) -> Value:
    """What an assignment keeps: nothing, the one output, or all of them."""
    if not outputs:
        return None
    return outputs[0] if len(outputs) == 1 else outputs


def _true(value: Value) -> bool:
    if isinstance(value, list):
        return len(value) > 1 or (len(value) == 1 and _true(value[0]))
    return bool(value) or isinstance(value, Thing)


def _compared(operator: str, left: Value, right: Value) -> Value:
    if operator == "-join":
        items = left if isinstance(left, list) else [left]
        return str(right).join(str(one) for one in items if one is not None)
    if operator in {"-contains", "-notcontains"}:
        items = left if isinstance(left, list) else [left]
        return any(_equal(one, right, cased=False) for one in items) == (operator == "-contains")
    if isinstance(left, list):
        raise PowerShellError("this stub compares no lists", "NotSupported", fatal=True)
    return _equal(left, right, cased=operator.startswith("-c")) == operator.endswith("eq")


def _equal(left: Value, right: Value, *, cased: bool) -> bool:
    """Equality of two of a kind, or of anything and $null; this stub converts nothing silently."""
    if left is None or right is None:
        return left is right
    if type(left) is not type(right):
        raise PowerShellError(
            f"this stub does not compare {type(left).__name__} with {type(right).__name__}", "NotSupported", fatal=True
        )
    if isinstance(left, str) and isinstance(right, str) and not cased:
        return left.casefold() == right.casefold()
    return left == right
