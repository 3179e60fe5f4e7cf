"""What all views share: the base model, pages, and the small types of parameters."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

Item = TypeVar("Item")
Source = TypeVar("Source")

#: The most items on a page.
MOST = 200
#: The largest number of anything, so that every database holds it.
LARGEST = 2_147_483_647


class View(BaseModel):
    """A frozen record; an unknown key is an error, nothing is converted silently, the docstrings document it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe the fields when the document is made: pydantic's own way triples the time that the API starts in."""
        made = handler(schema)
        fields = handler.resolve_ref_schema(made).get("properties", {})
        for model in (one for one in cls.__mro__ if issubclass(one, View)):
            for name, text in _documented(model.__module__).get(model.__name__, {}).items():
                fields.get(name, {}).setdefault("description", text)
        return made


@cache
def _documented(module: str) -> Mapping[str, Mapping[str, str]]:
    """What is written beneath the fields of each class of a module of views."""
    classes = (one for one in ast.parse(inspect.getsource(sys.modules[module])).body if isinstance(one, ast.ClassDef))
    return {
        one.name: {
            field.target.id: inspect.cleandoc(text.value.value)
            for field, text in pairwise(one.body)
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
        }
        for one in classes
    }


class Page(View, Generic[Item]):
    """A part of a list, in a fixed order."""

    model_config = ConfigDict(json_schema_extra={"description": "A part of a list, in a fixed order."})
    items: tuple[Item, ...]
    """At most as many as ``limit`` asks for."""
    next_cursor: str | None = None
    """What to give as ``cursor`` for the items that follow; null: these were the last."""


def shown(example: dict[str, Any]) -> ConfigDict:
    """A view's configuration with an example for its documentation."""
    return ConfigDict(json_schema_extra={"examples": [example]})


#: What people say, in one line: nothing in it acts on a terminal, or turns its direction.
Sentence = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{1,500}$")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items at most.", examples=[50])]
NameCursor = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9/-]{0,126}$",
        description="Items after this one: `next_cursor` of the page before.",
        examples=["acme-lon-r1"],
    ),
]
NumberCursor = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{1,18}$",
        description="Items older than this one: `next_cursor` of the page before.",
        examples=["4711"],
    ),
]
CustomerName = Annotated[
    str, Path(pattern=r"^[a-z][a-z0-9-]{0,30}$", description="The customer's key in the inventory.", examples=["acme"])
]
SiteName = Annotated[
    str,
    Path(pattern=r"^[a-z][a-z0-9-]{0,30}$", description="The site's name, without the customer.", examples=["leeds"]),
]
HostName = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$",
        description="The name of a router or server in the inventory.",
        examples=["acme-lon-r1"],
    ),
]


def by_name(
    items: Iterable[Source], name: Callable[[Source], str], show: Callable[[Source], Item], at: tuple[str | None, int]
) -> Page[Item]:
    """The page that ``at`` (cursor, limit) asks for, of items in the order of their names."""
    cursor, limit = at
    ordered = sorted(((name(item), item) for item in items), key=lambda pair: pair[0])
    rest = [pair for pair in ordered if cursor is None or pair[0] > cursor]
    part = rest[:limit]
    following = part[-1][0] if len(rest) > limit else None
    return Page(items=tuple(show(item) for _, item in part), next_cursor=following)


def newest_first(
    items: Iterable[tuple[int, Source]], show: Callable[[Source], Item], at: tuple[str | None, int]
) -> Page[Item]:
    """The page that ``at`` (cursor, limit) asks for, of items that are numbered in the order in which they came."""
    cursor, limit = at
    ordered = sorted(items, key=lambda pair: -pair[0])
    rest = [pair for pair in ordered if cursor is None or pair[0] < int(cursor)]
    part = rest[:limit]
    following = str(part[-1][0]) if len(rest) > limit else None
    return Page(items=tuple(show(item) for _, item in part), next_cursor=following)
