"""Writes docs/understood.md, what is understood of other people's configurations: ``… tests.bench.understood FOLDER…``.

Each folder is a checkout of a public repository, which stays outside of the project. Its IOS configurations are the
files that hold a release and an interface; each is read, must be printed back to the byte, and its lines that say
something are counted.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.reading.tree import parse, shown
from device_templates.errors import NotParsable

RESULT = Path(__file__).parents[2] / "docs" / "understood.md"
TEXT = """\
# What is understood of other people's configurations

Written by `python -m tests.bench.understood FOLDER…` of checkouts of public repositories, which are no part of the
project. Every file with a release and an interface is read as a running configuration of IOS or IOS-XE and printed back
to the byte; lines that say something are counted. What is unread is listed with its number wherever `verify` judges.

{table}
Unread most often:

{unread}"""

_RELEASE = re.compile(r"^version 1[1-9]\.\d+", re.MULTILINE)
_INTERFACE = re.compile(r"^interface ", re.MULTILINE)
#: So many words tell what a line is about.
_WORDS = 3
_MOST = 15


@dataclass(slots=True)
class Share:
    """What is understood of one folder's configurations; ``refused`` are files that are not whole."""

    name: str
    files: int = 0
    refused: int = 0
    lines: int = 0
    unread: int = 0
    heads: Counter[str] = field(default_factory=Counter)

    def count(self, text: str) -> None:
        """Takes one configuration. Raises AssertionError where it is not printed back as it was."""
        try:
            model = read_model(text)
        except NotParsable:
            self.refused += 1
            return
        assert shown(parse(text)) == text
        self.files += 1
        self.lines += model.lines
        self.unread += len(model.unread)
        self.heads.update(" ".join(one.text.split()[:_WORDS]) for one in model.unread)

    def row(self) -> str:
        """A row of the table."""
        share = 100 * (self.lines - self.unread) / max(1, self.lines)
        return f"| {self.name} | {self.files} | {self.refused} | {self.lines} | {self.unread} | {share:.1f} % |"


def configurations(folder: Path) -> Iterator[str]:
    """The texts of IOS configurations anywhere below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".git" not in path.parts:
            text = path.read_bytes().decode(errors="replace")
            if _RELEASE.search(text) and _INTERFACE.search(text):
                yield text


def share_of(folder: Path) -> Share:
    """What is understood of a folder."""
    share = Share(folder.name)
    for text in configurations(folder):
        share.count(text)
    return share


def report(shares: list[Share]) -> str:
    """The page: a table, and below it what is unread most often."""
    head = "| repository | configurations | not whole | lines | unread | understood |\n|---|---:|---:|---:|---:|---:|\n"
    rows = "".join(f"{share.row()}\n" for share in shares)
    return TEXT.format(table=head + rows, unread="".join(map(_often, shares)))


def _often(share: Share) -> str:
    most = ", ".join(f"`{head}` ({count})" for head, count in share.heads.most_common(_MOST))
    return textwrap.fill(f"- {share.name}: {most}", 118, subsequent_indent="  ", break_on_hyphens=False) + "\n"


def main(folders: list[str]) -> None:
    """Reads all, and writes the page."""
    text = report([share_of(Path(folder)) for folder in folders])
    RESULT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
