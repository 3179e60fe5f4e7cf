"""Writes what incidents said of each fault into docs/diagnostics.md: python -m tests.fault_table TABLE.jsonl."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "diagnostics.md"
BEGIN, END = "<!-- fault table: begin -->\n", "<!-- fault table: end -->\n"


def table(rows: Iterable[dict[str, Any]]) -> str:
    """The table as Markdown: fault, alarm, what the incident said, and the evidence that speaks."""
    lines = ["| fault | noticed by | what the incident said | evidence |", "|---|---|---|---|"]
    for row in rows:
        value = f" {row['value']:g}" if row["value"] is not None else ""
        broken = f"`lab break {row['router']} {row['fault']}{f' --value{value}' if value else ''}`"
        evidence = "<br>".join(_cell(one) for one in row["evidence"][:6])
        lines.append(f"| {broken} | {row['alarm'].replace('_', ' ')} | {_cell(row['said'])} | {evidence} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main(source: Path, page: Path = PAGE) -> None:
    """Put the table between its markers."""
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    text = page.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    page.write_text(head + BEGIN + table(rows) + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
