"""A line with what stands under it, whatever the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from device_templates.model import At

#: Deeper than any of these programs nests.
DEEPEST = 30


@dataclass(frozen=True, slots=True)
class Node:
    """One line in its normal form; ``source`` is how it is written, ``ordered`` whether its children's order counts.

    ``line`` is its number in the text that was read, from 1, or 0; it makes no difference between two nodes.
    """

    text: str
    children: tuple[Node, ...] = ()
    ordered: bool = False
    source: str = ""
    line: int = field(default=0, compare=False)

    def walk(self, path: tuple[Node, ...] = ()) -> Iterator[tuple[tuple[Node, ...], Node]]:
        """This line and all below it, each with the lines above it, top down."""
        stack = [(path, self)]
        while stack:
            above, node = stack.pop()
            yield above, node
            stack.extend(((*above, node), child) for child in reversed(node.children))

    def find(self, text: str) -> Node | None:
        """The line directly under this one that is ``text``."""
        return next((one for one in self.children if one.text == text), None)

    def all(self, head: str) -> Iterator[tuple[str, Node]]:
        """Each line directly under this one that begins with the words ``head``: what follows them, and the line."""
        for child in self.children:
            if child.text == head or child.text.startswith(f"{head} "):
                yield child.text[len(head) :].strip(), child

    def rests(self, head: str) -> Iterator[str]:
        """What follows the words ``head`` in each line directly under this one."""
        return (rest for rest, _ in self.all(head))

    def at(self, **heads: str) -> At:
        """Where this line stands, and where those directly under it that begin with ``heads``, by the field of each."""
        found = ((name, next((node.line for _, node in self.all(head)), 0)) for name, head in heads.items())
        return At(self.line, tuple((name, line) for name, line in found if line))

    def rest(self, head: str) -> str:
        """What follows ``head`` in the first line that begins so; "" for none."""
        return next(self.rests(head), "")

    def has(self, text: str) -> bool:
        """Whether a line directly under this one is ``text``."""
        return self.find(text) is not None


@dataclass(slots=True)
class Builder:
    """A section that is being read; a section that is opened again goes on where it stopped, unless told otherwise."""

    text: str
    source: str = ""
    merge: bool = True
    ordered: bool = False
    number: int = 0
    _children: list[Node | Builder] = field(default_factory=list)
    _places: dict[str, Builder] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)

    def line(self, text: str, source: str = "", *, once: bool = False, number: int = 0) -> None:
        """Takes a line that has nothing under it; with ``once`` the same line again says nothing."""
        if not once or text not in self._said:
            self._children.append(Node(text, source=source or text, line=number))
        self._said.add(text)

    def section(self, text: str, source: str = "", *, ordered: bool = False, number: int = 0) -> Builder:
        """The section ``text`` under this one, new or as it was left."""
        known = self._places.get(text)
        if known is None or not self.merge:
            known = Builder(text, source or text, self.merge, ordered, number)
            self._places[text] = known
            self._children.append(known)
        return known

    def built(self, keep: Callable[[Node], bool] = lambda _: True) -> Node:
        """The finished section, of its sections only those that are to be kept."""
        done = (one if isinstance(one, Node) else one.built(keep) for one in self._children)
        children = tuple(one for one in done if keep(one))
        return Node(self.text, children, self.ordered, self.source, self.number)
