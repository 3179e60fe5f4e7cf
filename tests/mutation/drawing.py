"""The simple ways to draw a fault: a line goes, becomes another one, or comes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address
from random import Random

from tests.mutation.mutant import Draw, Router

When = Callable[[Router], bool]
#: A text with the groups of the match as ``\1``, or what makes such texts.
Other = str | Callable[[Router, re.Match[str], Random], Iterable[str]]


def always(_: Router) -> bool:
    return True


def gone(pattern: str, under: str = "", when: When = always) -> Draw:
    """One of the lines that fit is missing, with all that stands under it."""

    def draw(router: Router, _: Random) -> Iterator[str]:
        if when(router):
            yield from (router.config.without(line) for line, _ in router.config.find(pattern, under))

    return draw


def into(pattern: str, *others: Other, under: str = "", when: When = always) -> Draw:
    """One of the lines that fit has become one of the others."""

    def draw(router: Router, random: Random) -> Iterator[str]:
        for line, match in router.config.find(pattern, under) if when(router) else ():
            for text in _texts(others, router, match, random):
                yield router.config.replaced(line, text)

    return draw


def after(pattern: str, *others: Other, under: str = "", when: When = always) -> Draw:
    """Another line has come after one that fits."""

    def draw(router: Router, random: Random) -> Iterator[str]:
        for line, match in router.config.find(pattern, under) if when(router) else ():
            for text in _texts(others, router, match, random):
                yield router.config.after(line, *text.split("\n"))

    return draw


def inside(pattern: str, *others: Other, under: str = "", when: When = always) -> Draw:
    """Another line has come as the first under one that fits."""

    def draw(router: Router, random: Random) -> Iterator[str]:
        for line, match in router.config.find(pattern, under) if when(router) else ():
            for text in _texts(others, router, match, random):
                yield router.config.inside(line, *text.split("\n"))

    return draw


def either(*draws: Draw) -> Draw:
    """A fault of any of these ways."""

    def draw(router: Router, random: Random) -> Iterator[str]:
        for one in draws:
            yield from one(router, random)

    return draw


def number(low: int, high: int) -> Callable[[Random], str]:
    """A random number, both ends included."""
    return lambda random: str(random.randint(low, high))


def with_random(template: str, value: Callable[[Random], str]) -> Other:
    """The template with a random value in place of ``{}``."""
    return lambda _, match, random: (match.expand(template).replace("{}", value(random)),)


def stranger(random: Random) -> str:
    """An address that nobody in any scene has [RFC 5737, TEST-NET-3], apart from the centre's."""
    return str(IPv4Address(f"203.0.113.{random.randint(100, 250)}"))


def _texts(others: tuple[Other, ...], router: Router, match: re.Match[str], random: Random) -> Iterator[str]:
    for other in others:
        if isinstance(other, str):
            yield match.expand(other)
        else:
            yield from other(router, match, random)
