"""What a kind of request is: typed parameters, and the edits of the inventory that they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, JsonValue

from inventory import Inventory, SiteView
from inventory.intent import Edit


class Conflict(Exception):
    """A request that is right in form and cannot be done; ``rule`` names the clause, ``remedy`` what to do."""

    def __init__(self, message: str, *, rule: str = "", remedy: str = "") -> None:
        self.message, self.rule, self.remedy = message, rule, remedy
        super().__init__(message)

    def __str__(self) -> str:
        text = f"{self.message} [{self.rule}]" if self.rule else self.message
        return f"{text} -> {self.remedy}" if self.remedy else text


@dataclass(frozen=True)
class Change:
    """What a request comes to: the edits of the customer's data, and what they are about (see Request.subject)."""

    edits: tuple[Edit, ...]
    subject: str


@dataclass(frozen=True)
class Kind:
    """An entry of the catalogue.

    ``parameters`` is a pydantic model whose fields are described. ``change`` turns them into edits, or raises
    Conflict. ``order``: it changes recurring charges, so it is refused with this kind of order [WV-22].
    """

    name: str
    title: str
    parameters: type[BaseModel]
    change: Callable[[Inventory, SiteView, Any], Change] | None = None
    approval: bool = True
    order: str = ""
    example: Mapping[str, JsonValue] = field(default_factory=dict)
    clauses: tuple[str, ...] = ("WV-22",)
