"""What the benchmarks found, kept in docs/benchmarks.json so that a run of some of them leaves the others' rows."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench import harness
from tests.bench.moonshot import report
from tests.bench.polling import contest

DOCS = Path(__file__).parents[2] / "docs"
KEPT, PAGE = DOCS / "benchmarks.json", DOCS / "benchmarks.md"

TEXT = """\
# Benchmarks

Written by `make bench`, in part by `python -m tests.bench --only WORD`. Each line compares ours with a peer that does
the same work in the same run, in interleaved pairs; a ratio above 1 means that ours costs less. Both say what they did,
and a run stops where that differs. CPU is processor time of who does the work, with all of its processes, and not of
the agents that answer. Ratios are medians; absolute figures say more about the machine than about the code.

{tables}
{notes}
{runs}How much of public configurations the readers understand is in [understood](understood.md).
"""


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of one benchmark: ``heading`` says of what, ``cells`` begin with the table's head."""

    heading: str
    cells: tuple[tuple[str, ...], ...]
    note: str
    taken: str


Rows = Sequence[harness.Row | contest.PollRow]


def result(rows: Rows, note: str, taken: str) -> Result:
    """The rows of one benchmark, all of one kind."""
    polls = isinstance(rows[0], contest.PollRow)
    heading, head = ("Polling a fleet", contest.HEAD) if polls else ("Ours and a peer", harness.HEAD)
    return Result(heading, (head, *(row.cells() for row in rows)), " ".join(note.split()), taken)


def load(path: Path = KEPT) -> dict[str, Result]:
    """What was found before, by the benchmark's name."""
    if not path.exists():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: Result(one["heading"], tuple(tuple(cells) for cells in one["cells"]), one["note"], one["taken"])
        for name, one in kept.items()
    }


def save(results: dict[str, Result], kept: Path = KEPT, page: Path = PAGE) -> None:
    """Keep all, and write the page."""
    in_order = dict(sorted(results.items()))
    text = json.dumps({name: asdict(one) for name, one in in_order.items()}, indent=1, ensure_ascii=False)
    kept.write_text(text + "\n", encoding="utf-8")
    page.write_text(shown(in_order.values()), encoding="utf-8")


def shown(results: Iterable[Result]) -> str:
    """The page: a table for each heading, and below them what the benchmarks say of themselves."""
    found = tuple(results)
    tables: dict[str, list[tuple[str, ...]]] = {}
    for one in found:
        head, *rows = one.cells
        tables.setdefault(one.heading, [head]).extend(rows)
    parts = (f"## {heading}\n\n{harness.markdown(cells)}" for heading, cells in tables.items())
    notes = "".join(_note(f"{one.note} {one.taken}") for one in found)
    return TEXT.format(tables="\n".join(parts), notes=notes, runs="".join(_runs()))


#: Runs of tests.bench.moonshot that the page shows, by the names of their files.
RUNS = {
    "moonshot": "A hundred thousand routers in each cycle",
    "million": "A million routers",
}


def _runs() -> Iterator[str]:
    """What the long runs found."""
    for name, heading in RUNS.items():
        file = DOCS / f"{name}.json"
        if file.exists():
            found = json.loads(file.read_text(encoding="utf-8"))
            text = textwrap.fill(report.summary(found), 120, break_on_hyphens=False)
            picture = f"\n![memory, lateness, processor and polls over time]({name}.svg)\n" if found["moments"] else ""
            yield f"## {heading}\n\n{text}\n\n{report.table(found)}{picture}\n"


def _note(text: str) -> str:
    """One item of a Markdown list."""
    return "- " + textwrap.fill(text, 118, subsequent_indent="  ", break_on_hyphens=False) + "\n"
