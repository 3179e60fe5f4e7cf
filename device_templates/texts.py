"""What rendering gives: a configuration whose every line knows where it comes from, and day-zero texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from inventory import Secret

#: Resolves a reference of the inventory.
Secrets = Callable[[str], Secret]
#: What a hidden value becomes between ``<secret:`` and ``>``.
Mark = Callable[[str], str]


def fingerprint(value: str) -> str:
    """Twelve digits that tell whether two secrets are equal."""
    return Secret(value).fingerprint()


def hidden(value: str) -> str:
    """What stands in place of a secret wherever it would be shown: equal secrets, equal texts."""
    return f"<secret:{fingerprint(value)}>"


@dataclass(frozen=True, slots=True)
class RenderedLine:
    """One line of a rendered configuration.

    ``path`` holds the lines it stands under, outermost first; ``partial`` is the template that wrote it, ``feature``
    what it does in words for people, ``clause`` the rules it implements, ``option`` the inventory field that asks
    for it.
    """

    text: str = field(repr=False)
    path: tuple[str, ...] = field(repr=False)
    partial: str
    feature: str
    clause: str
    option: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A complete configuration; ``text`` is what ``configure replace`` takes and holds secrets, so repr hides it.

    ``warnings`` are for people: what is rendered as ordered, but would better be ordered otherwise.
    """

    router: str
    text: str = field(repr=False)
    lines: tuple[RenderedLine, ...] = field(repr=False)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of a day-zero text, to be entered before the next; it ends with a reload or with saving."""

    title: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Day-zero texts for a blank router, in order."""

    router: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class SnmpUserLine:
    """The line that creates an SNMPv3 user; users are not in the running configuration.

    ``user`` says its name and what protects it, as ``protected`` writes it: one with other protocols is another user.
    """

    user: str
    line: str = field(repr=False)


def protected(name: str, auth: str, priv: str) -> str:
    """An SNMPv3 user in words, with the inventory's names of its protocols: ``monitor (sha256, aes128)``."""
    return f"{name} ({auth}, {priv})"


def explain(rendered: Rendered, line: str) -> tuple[RenderedLine, ...]:
    """Every line of ``rendered`` that is ``line``, or holds it where none is."""
    wanted = line.strip()
    exact = tuple(one for one in rendered.lines if one.text.strip() == wanted)
    return exact or tuple(one for one in rendered.lines if wanted and wanted in one.text)
