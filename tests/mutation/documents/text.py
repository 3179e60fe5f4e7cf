"""A router's files in one text as lines with what each stands under: the file, and the blocks in it.

It shares nothing with the readers: a fault is drawn on the text, by its own eyes.
"""

from __future__ import annotations

import hashlib

from tests.mutation.text import Config, Line

_MARKER, _END = "%% ", "%% end "
#: How blocks end that do not end with their indentation.
_CLOSING = ("}", "exit", "exit-address-family")


def is_document(text: str) -> bool:
    """Whether a text is of files."""
    return text.startswith(_MARKER)


def opened(text: str) -> str:
    """The text without its digest, what is in a file one further in than the file's own line."""
    body = text.rpartition(_END)[0]
    lines = body.rstrip("\n").split("\n")
    return "\n".join(line if line.startswith(_MARKER) or not line else f" {line}" for line in lines)


def sealed(opened_text: str) -> str:
    """The text as it was before ``opened``, with the digest that it has now."""
    lines = [line.removeprefix(" ") for line in opened_text.split("\n")]
    body = "".join(f"{line}\n" for line in lines)
    files = sum(line.startswith("%% file ") for line in lines)
    return f"{body}{_END}{files} {hashlib.sha256(body.encode()).hexdigest()}\n"


class Files(Config):
    """The files of a document, opened."""

    def end_of(self, line: Line) -> int:
        """As of any configuration, and what closes the block belongs to it."""
        number = super().end_of(line)
        closing = self.raw[number].strip() if number < len(self.raw) else ""
        closes = number > line.number + 1 and closing in _CLOSING
        return number + 1 if closes and self.raw[number].startswith(" " * line.indent + closing) else number
