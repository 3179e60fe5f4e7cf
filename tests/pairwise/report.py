"""What came of every row: rendered, read back, verified."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from agent.verification import Finding, verify
from device_templates import NotRenderable, platform_of
from device_templates.model import Unread
from tests.pairwise.covering import Row, pairs_of, possible
from tests.pairwise.ordering import PARAMETERS, allowed
from tests.pairwise.workspace import inventory, rows, texts


@dataclass(frozen=True)
class Result:
    """One row: why it could not be rendered, lines that were not understood, and findings."""

    number: int
    row: Row
    refusal: str
    unread: tuple[Unread, ...]
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        return not self.refusal and not self.unread and not self.findings


@cache
def result(number: int) -> Result:
    """What came of a row, rows counted from 1."""
    row, loaded = rows()[number - 1], inventory()
    try:
        written = texts(number)
    except NotRenderable as error:
        return Result(number, row, str(error), (), ())
    models = {name: platform_of(loaded.router(name)).read_model(text) for name, text in written.items()}
    unread = tuple(line for model in models.values() for line in model.unread)
    return Result(number, row, "", unread, verify(models, loaded))


def report() -> str:
    """The parameters, how many pairs the rows cover, and each row with its verdict, as Markdown."""
    results = [result(number) for number in range(1, len(rows()) + 1)]
    wanted = possible(PARAMETERS, allowed)
    covered = set().union(*(pairs_of(one.row) for one in results if one.good)) & wanted
    head = ["row", *PARAMETERS, "verdict"]
    lines = [
        f"{len(PARAMETERS)} parameters, {len(results)} rows; {len(covered)} of {len(wanted)} possible pairs are "
        "covered by rows that render, are read back whole and have no finding.",
        "",
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join([str(one.number), *one.row.values(), _verdict(one)]) + " |" for one in results),
    ]
    return "\n".join(lines) + "\n"


def _verdict(one: Result) -> str:
    if one.refusal:
        return f"not rendered: {one.refusal}"
    first = [f"{len(one.unread)} lines unread: {one.unread[0].text}"] if one.unread else []
    return "; ".join([*first, *(str(finding) for finding in one.findings[:2])]) or "verified"
