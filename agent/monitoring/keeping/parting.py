"""Doing for many at once what one of them may spoil: it is done for all the others, and known for whom it was not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import TypeVar

from agent.errors import ConfigurationProblem

T = TypeVar("T")
#: Longest reason that is told, in characters.
_REASON = 300


def in_parts(items: Sequence[T], work: Callable[[Sequence[T]], None]) -> list[tuple[T, Exception]]:
    """Do ``work`` for all of ``items`` in order, for as many at a time as can be; returns for whom it failed, and why.

    ``work`` does all or nothing; of n items it is called 2n - 1 times at most.

    Raises:
        ConfigurationProblem: the database can do nothing for anybody; what came before stays done.
    """
    if not items:
        return []
    try:
        work(items)
    except ConfigurationProblem:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are none the worse for it
        if len(items) == 1:
            return [(items[0], error)]
        half = len(items) // 2
        return [*in_parts(items[:half], work), *in_parts(items[half:], work)]
    return []


def reason(error: Exception) -> str:
    """What failed and where in the program, in one line."""
    where = extract_tb(error.__traceback__)[-1]
    words = " ".join(str(error).split())[:_REASON]
    return f"{type(error).__name__} in {Path(where.filename).name}, line {where.lineno}: {words}"
