"""What a mutation class is: how it draws a fault on a text, and the verdict that the fault must have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from functools import cached_property
from random import Random

from inventory import Inventory, SiteView
from tests.mutation.documents.text import Files, is_document, opened, sealed
from tests.mutation.text import Config


@dataclass(frozen=True)
class Scene:
    """A verified customer: what was ordered, and the text of each router."""

    name: str
    inventory: Inventory
    texts: Mapping[str, str]

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True)
class Router:
    """One router of a scene, as classes see it."""

    scene: Scene
    name: str

    @cached_property
    def config(self) -> Config:
        text = self.scene.texts[self.name]
        return Files(opened(text)) if is_document(text) else Config(text)

    @cached_property
    def view(self) -> SiteView:
        return self.scene.inventory.router(self.name)

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The texts of the customer's other routers."""
        customer = self.view.customer.customer
        inventory = self.scene.inventory
        return tuple(
            text
            for name, text in self.scene.texts.items()
            if name != self.name and inventory.router(name).customer.customer == customer
        )

    @cached_property
    def hub_of(self) -> tuple[str, ...]:
        """The VPNs that it is a hub of."""
        return tuple(name for name in self.view.vpns if self.view.is_hub(name))


#: Every text that a class can make of a router's; what is random in them comes from the generator.
Draw = Callable[[Router, Random], Iterable[str]]


@dataclass(frozen=True)
class Fault:
    """A class of faults: ``why`` each is one; ``rules``, one of which its verdict names; none: it is harmless.

    It is drawn in configurations of one kind: documents of files, or running configurations.
    """

    name: str
    why: str
    rules: frozenset[str]
    draw: Draw
    documents: bool = False

    @property
    def harmless(self) -> bool:
        return not self.rules

    def texts(self, router: Router, random: Random) -> Iterator[str]:
        """What the class makes of a router's text, without repetition."""
        if self.documents == is_document(router.config.text):
            yield from dict.fromkeys(text for text in self.draw(router, random) if text != router.config.text)


@dataclass(frozen=True)
class Catalogue:
    """The classes of one subject, in the order in which they are declared."""

    documents: bool = False
    classes: list[Fault] = field(default_factory=list)

    def fault(self, name: str, why: str, rules: str, draw: Draw) -> None:
        """Declare a class; ``rules`` are the names of rules, with blanks between them."""
        self.classes.append(Fault(name, why, frozenset(rules.split()), draw, self.documents))

    def drawing(self, name: str, why: str, rules: str) -> Callable[[Draw], Draw]:
        """Declare a class that the function below draws."""

        def declare(draw: Draw) -> Draw:
            self.fault(name, why, rules, draw)
            return draw

        return declare


@dataclass(frozen=True)
class Mutant:
    """One drawn fault in one router of a scene; ``text`` is as classes see it."""

    fault: Fault
    router: Router
    text: str

    @property
    def configuration(self) -> str:
        """The text as the router has it."""
        return sealed(self.text) if is_document(self.text) else self.text

    @cached_property
    def difference(self) -> tuple[str, ...]:
        """The lines that went, with -, and that came, with +."""
        lines = unified_diff(self.router.config.raw, self.text.split("\n"), n=0, lineterm="")
        return tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))
