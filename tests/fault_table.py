"""Writes what incidents said of each fault into docs/diagnostics.md: python -m tests.fault_table TABLE.jsonl."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "diagnostics.md"
#: What speaks most comes first, so much of it is shown.
SPEAKING = (
    *("ike_failures", "keys", "certificates", "processor", "greeting", "session", "ping_management", "ping_wan"),
    *("ping_tunnel", "ike_errors", "registration", "ike", "dmvpn"),
)
SHOWN = 4
BEGIN, END = "<!-- fault table: begin -->\n", "<!-- fault table: end -->\n"


def table(rows: Iterable[dict[str, Any]]) -> str:
    """The table as Markdown: fault, alarm, what the incident said, and the evidence that speaks."""
    lines = ["| fault | noticed by | what the incident said | evidence |", "|---|---|---|---|"]
    for row in rows:
        value = f" {row['value']:g}" if row["value"] is not None else ""
        broken = f"`lab break {row['router']} {row['fault']}{f' --value{value}' if value else ''}`"
        told = sorted((one for one in row["evidence"] if _rank(one) < len(SPEAKING)), key=_rank)
        evidence = "<br>".join(_cell(one) for one in told[:SHOWN])
        lines.append(f"| {broken} | {row['alarm'].replace('_', ' ')} | {_cell(row['said'])} | {evidence} |")
    return "\n".join(lines) + "\n"


def _rank(evidence: str) -> int:
    probe = evidence.partition(" from ")[0]
    return SPEAKING.index(probe) if probe in SPEAKING else len(SPEAKING)


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
