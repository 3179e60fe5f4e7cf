"""Reads the stub's PowerShell: a small part of the language, and an error for everything else.

Known are assignments, ``if``, ``foreach``, pipelines of cmdlet calls, ``@( )``, single-quoted literals, whole numbers,
variables with properties, and the operators below. No double quotes, no escapes, no sub-expressions, no methods.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.lab.winrm.errors import parse_error
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

#: PowerShell's quotes, the typographic ones among them [language specification, 2.3.5.2].
QUOTES = "'\u2018\u2019\u201a\u201b"
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\#[^\n]*)|(?P<end>\n|;)|(?P<variable>\$[A-Za-z_][A-Za-z0-9_]*)|(?P<open>@\(|[({])"""
    r"""|(?P<close>[)}])|(?P<dash>-[A-Za-z][A-Za-z0-9]*)|(?P<number>-?\d+(?![\w.]))"""
    r"""|(?P<word>[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)|(?P<sign>[|,=:.])"""
)
COMPARISONS = frozenset({"-eq", "-ne", "-ceq", "-cne", "-contains", "-notcontains", "-join"})
LOGICAL = frozenset({"-and", "-or"})


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a script; ``line`` counts from 1."""

    kind: str
    text: str
    line: int


def read(script: str) -> tuple[Statement, ...]:
    """The statements of a script; raises a fatal PowerShellError for what is not known."""
    return _Reader(_tokens(script)).script()


def _tokens(script: str) -> list[Token]:
    found, position, line = [], 0, 1
    while position < len(script):
        if script[position] in QUOTES:
            text, position = _quoted(script, position, line)
            found.append(Token("text", text, line))
            line += text.count("\n")
            continue
        match = _TOKEN.match(script, position)
        if match is None or match.lastgroup is None:
            raise parse_error(f"{script[position]!r} is not known here", line)
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup, match.group(), line))
        line += match.group().count("\n")
        position = match.end()
    return [*found, Token("end", "\n", line), Token("eof", "", line)]


def _quoted(script: str, start: int, line: int) -> tuple[str, int]:
    """The text of a literal and where it ends; two quotes in a row stand for the first of them."""
    text, position = "", start + 1
    while position < len(script):
        if script[position] not in QUOTES:
            text += script[position]
            position += 1
        elif position + 1 < len(script) and script[position + 1] in QUOTES:
            text += script[position]
            position += 2
        else:
            return text, position + 1
    raise parse_error("the string is missing the terminator: '", line)


class _Reader:
    """A cursor over tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, kind: str, text: str = "") -> Token:
        token = self._next
        if token.kind != kind or (text and token.text.lower() != text):
            raise parse_error(f"{text or kind} is expected, not {token.text!r}", token.line)
        self._at += 1
        return token

    def _is(self, kind: str, *texts: str) -> bool:
        return self._next.kind == kind and (not texts or self._next.text.lower() in texts)

    def _skip_ends(self) -> None:
        while self._is("end"):
            self._at += 1

    def script(self) -> tuple[Statement, ...]:
        found = self._statements()
        self._take("eof")
        return found

    def _statements(self) -> tuple[Statement, ...]:
        found: list[Statement] = []
        self._skip_ends()
        while not self._is("eof") and not self._is("close"):
            found.append(self._statement())
            if not self._is("close"):
                if not isinstance(found[-1], If | ForEach):
                    self._take("end")
                self._skip_ends()
        return tuple(found)

    def _statement(self) -> Statement:
        if self._is("word", "if"):
            self._at += 1
            condition = self._bracketed()
            return If(condition, self._body())
        if self._is("word", "foreach"):
            return self._for_each()
        if self._is("variable") and self._tokens[self._at + 1].text == "=":
            name = self._take("variable").text[1:]
            self._take("sign", "=")
            return Assign(name.lower(), self._pipeline())
        return self._pipeline()

    def _for_each(self) -> ForEach:
        self._at += 1
        self._take("open", "(")
        name = self._take("variable").text[1:].lower()
        self._take("word", "in")
        items = self._expression()
        self._take("close", ")")
        return ForEach(name, items, self._body())

    def _body(self) -> tuple[Statement, ...]:
        self._take("open", "{")
        found = self._statements()
        self._take("close", "}")
        return found

    def _bracketed(self) -> Expression:
        self._take("open", "(")
        found = self._expression()
        self._take("close", ")")
        return found

    def _pipeline(self) -> Pipeline:
        if not self._is("word"):
            return Pipeline(expression=self._expression())
        stages = [self._call()]
        while self._is("sign", "|"):
            self._at += 1
            stages.append(self._call())
        return Pipeline(tuple(stages))

    def _call(self) -> Call:
        name = self._take("word").text
        parameters: list[tuple[str, Expression | None]] = []
        arguments: list[Expression | Block] = []
        while True:
            if self._is("dash"):
                parameters.append(self._parameter())
            elif self._is("word"):
                arguments.append(Literal(self._take("word").text))
            elif self._is("open", "{"):
                self._at += 1
                arguments.append(Block(self._expression()))
                self._take("close", "}")
            elif self._begins_value():
                arguments.append(self._value())
            else:
                return Call(name, tuple(parameters), tuple(arguments))

    def _parameter(self) -> tuple[str, Expression | None]:
        name = self._take("dash").text[1:]
        if self._is("sign", ":"):
            self._at += 1
            return name, self._value()
        return name, self._value() if self._begins_value() else None

    def _begins_value(self) -> bool:
        return self._is("text") or self._is("number") or self._is("variable") or self._is("open", "@(", "(")

    def _expression(self) -> Expression:
        left = self._comparison()
        while self._is("dash", *LOGICAL):
            operator = self._take("dash").text.lower()
            left = Operation(operator, (left, self._comparison()))
        return left

    def _comparison(self) -> Expression:
        if self._is("dash", "-not"):
            self._at += 1
            return Operation("-not", (self._value(),))
        left = self._value()
        if not self._is("dash", *COMPARISONS):
            return left
        operator = self._take("dash").text.lower()
        found = Operation(operator, (left, self._value()))
        if self._is("dash", *COMPARISONS):
            raise parse_error("comparisons in a row need brackets here", self._next.line)
        return found

    def _value(self) -> Expression:
        token = self._next
        if token.kind == "text":
            self._at += 1
            return Literal(token.text)
        if token.kind == "number":
            self._at += 1
            return Literal(int(token.text))
        if token.kind == "variable":
            return self._variable()
        if self._is("open", "("):
            return self._bracketed()
        if self._is("open", "@("):
            return self._array()
        raise parse_error(f"a value is expected, not {token.text!r}", token.line)

    def _variable(self) -> Variable:
        name, properties = self._take("variable").text[1:].lower(), []
        while self._is("sign", "."):
            self._at += 1
            properties.append(self._take("word").text)
        return Variable(name, tuple(properties))

    def _array(self) -> Array:
        self._take("open", "@(")
        if self._is("word"):
            inside = self._pipeline()
            self._take("close", ")")
            return Array(inside)
        items: list[Expression] = []
        while not self._is("close", ")"):
            items.append(self._expression())
            if not self._is("close", ")"):
                self._take("sign", ",")
        self._take("close", ")")
        return Array(tuple(items))
