"""What a kind of request is: typed parameters, and the edits of the inventory that they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from inventory import Inventory, SiteView
from inventory.fields import Model
from inventory.intent import Edit


class Parameters(Model):
    """The base of every kind's parameters: frozen, unknown ones refused, each described by its docstring."""


class Conflict(Exception):
    """A request that is right in form and cannot be done; ``rule`` names the clause, ``remedy`` what to do."""

    def __init__(self, message: str, *, rule: str = "", remedy: str = "", order: str = "") -> None:
        self.message, self.rule, self.remedy, self.order = message, rule, remedy, order
        super().__init__(message)

    def __str__(self) -> str:
        text = f"{self.message} [{self.rule}]" if self.rule else self.message
        return f"{text} -> {self.remedy}" if self.remedy else text


@dataclass(frozen=True)
class Change:
    """What a request comes to: the edits of the customer's data, and what they are about (see Request.subject)."""

    edits: tuple[Edit, ...]
    subject: str


#: Turns checked parameters into a change of a site, or raises Conflict.
Changes = Callable[[Inventory, SiteView, Any], Change]


@dataclass(frozen=True)
class Kind:
    """An entry of the catalogue; a kind without ``change`` is known only to be refused.

    ``approval``: a person approves the plan, unless [requests] of spokesman.toml says otherwise. ``order``: it changes
    recurring charges, so it is refused with this kind of order [WV-22].
    """

    name: str
    title: str
    parameters: type[Parameters]
    change: Changes | None = None
    approval: bool = True
    order: str = ""
    example: Mapping[str, JsonValue] = field(default_factory=dict)
    clauses: tuple[str, ...] = ("WV-22",)
