"""What a platform's templates and parsers refuse: one error tree for this package.

TemplatesError
├── TemplateError      a partial cannot be used: syntax, an undefined variable, too much output, an illegal line
├── NotRenderable      the inventory orders what cannot be rendered; ``rule`` names the clause, ``where`` the place
├── SecretUnusable     a secret cannot stand in a configuration; the reference is named, never the value
└── NotParsable        a configuration text is not what the platform writes
"""

from __future__ import annotations


class TemplatesError(Exception):
    """The root; ``where`` names the file, router or inventory field, ``remedy`` what a person can do."""

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        self.message = message
        self.where = where
        self.remedy = remedy
        super().__init__(message)

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} -> {self.remedy}" if self.remedy else text


class TemplateError(TemplatesError):
    """A partial cannot be used; ``line`` counts from 1 (0: the file as a whole), ``variable`` is what is undefined."""

    def __init__(self, message: str, *, template: str, line: int = 0, variable: str = "", remedy: str = "") -> None:
        self.template = template
        self.line = line
        self.variable = variable
        super().__init__(message, where=f"{template}:{line}" if line else template, remedy=remedy)


class NotRenderable(TemplatesError):
    """What was ordered cannot be rendered, so nothing is; it is never left out silently."""

    def __init__(self, message: str, *, where: str, rule: str = "", remedy: str = "") -> None:
        self.rule = rule
        super().__init__(f"{message} [{rule}]" if rule else message, where=where, remedy=remedy)


class SecretUnusable(TemplatesError):
    """A secret cannot stand in a configuration: too long, or holding what the platform would read otherwise."""


class NotParsable(TemplatesError):
    """A configuration text is not what the platform writes."""
