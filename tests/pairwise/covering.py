"""A covering array: few rows in which every two values of two parameters stand together somewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from random import Random

Row = dict[str, str]
Pair = frozenset[tuple[str, str]]
#: Whether a row, perhaps with values still missing, may be; a missing value may become anything.
Allowed = Callable[[Mapping[str, str]], bool]

#: Rows that are tried for each one that is taken.
_TRIES = 12


def pairs_of(row: Mapping[str, str]) -> set[Pair]:
    """Every two values of a row."""
    return {frozenset(two) for two in combinations(row.items(), 2)}


def possible(parameters: Mapping[str, Sequence[str]], allowed: Allowed) -> set[Pair]:
    """Every two values that some allowed row holds."""
    found: set[Pair] = set()
    for (one, values), (other, others) in combinations(parameters.items(), 2):
        for value in values:
            for beside in others:
                row = {one: value, other: beside}
                if next(completions(row, parameters, allowed), None) is not None:
                    found.add(frozenset(row.items()))
    return found


def completions(start: Row, parameters: Mapping[str, Sequence[str]], allowed: Allowed) -> Iterator[Row]:
    """Allowed rows that hold ``start``, the first values of parameters first."""
    if not allowed(start):
        return
    open_ = next((name for name in parameters if name not in start), None)
    if open_ is None:
        yield {name: start[name] for name in parameters}
        return
    for value in parameters[open_]:
        yield from completions({**start, open_: value}, parameters, allowed)


def covering(parameters: Mapping[str, Sequence[str]], allowed: Allowed, random: Random) -> list[Row]:
    """Rows that hold all possible pairs: each is the best of some that begin with a pair which no row has yet."""
    missing = possible(parameters, allowed)
    rows: list[Row] = []
    while missing:
        begin = random.choices(sorted(missing, key=sorted), k=_TRIES)
        tried = [_row(dict(sorted(pair)), missing, parameters, allowed, random) for pair in begin]
        best = max(tried, key=lambda row: len(pairs_of(row) & missing))
        rows.append(best)
        missing -= pairs_of(best)
    return rows


def _row(
    row: Row, missing: set[Pair], parameters: Mapping[str, Sequence[str]], allowed: Allowed, random: Random
) -> Row:
    names = [name for name in parameters if name not in row]
    random.shuffle(names)
    for name in names:
        values = [value for value in parameters[name] if _can_be({**row, name: value}, parameters, allowed)]
        random.shuffle(values)
        row[name] = max(values, key=lambda value: _gain((name, value), row, missing))
    return {name: row[name] for name in parameters}


def _gain(item: tuple[str, str], row: Row, missing: set[Pair]) -> int:
    return sum(frozenset((item, other)) in missing for other in row.items())


def _can_be(row: Row, parameters: Mapping[str, Sequence[str]], allowed: Allowed) -> bool:
    return next(completions(row, parameters, allowed), None) is not None
