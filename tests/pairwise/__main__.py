"""Prints the pairwise report, or writes it: ``python -m tests.pairwise [--out FILE]``; 1 where a row is not good."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.pairwise.report import report, result
from tests.pairwise.workspace import rows

HEAD = """\
# Pairwise report

Written by `python -m tests.pairwise --out docs/pairwise.md`. Every two values of two parameters stand together in some
row, where the inventory's rules allow it; each row is a customer with that router, its hubs and a plain spoke.

"""


def main(arguments: list[str]) -> int:
    """Run all rows and report."""
    text = HEAD + report()
    if arguments[:1] == ["--out"]:
        Path(arguments[1]).write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0 if all(result(number).good for number in range(1, len(rows()) + 1)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
