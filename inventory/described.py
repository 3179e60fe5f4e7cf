"""The docstrings below fields, as their descriptions in a schema.

pydantic can read them by itself, but then reads the source of every model at every start; only a schema needs them.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise, takewhile

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Described(BaseModel):
    """A model that is described in a JSON schema by the docstrings below its fields."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        whole = handler(schema)
        properties = handler.resolve_ref_schema(whole).get("properties", {})
        for field, words in descriptions(cls).items():
            properties[cls.model_fields[field].alias or field]["description"] = words
        return whole


def descriptions(model: type[BaseModel]) -> Mapping[str, str]:
    """By field what its docstring says, its own or inherited; none where the source is not at hand."""
    told: dict[str, str] = {}
    for one in takewhile(lambda one: one is not Described, model.__mro__):
        told = {**_of_module(one.__module__).get(one.__qualname__, {}), **told}
    return told


@cache
def _of_module(name: str) -> Mapping[str, Mapping[str, str]]:
    """By class the docstrings of its fields."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[name]))
    except (OSError, TypeError):  # built in, or installed without its source
        return {}
    return {one.name: dict(_told(one.body)) for one in tree.body if isinstance(one, ast.ClassDef)}


def _told(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for pair in pairwise(body):
        match pair:
            case ast.AnnAssign(target=ast.Name(id=field)), ast.Expr(value=ast.Constant(value=str(words))):
                yield field, inspect.cleandoc(words)
