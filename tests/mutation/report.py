"""What came of all mutants, by class, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from device_templates.platform import recognised
from tests.mutation.run import Outcome

#: Misses that are shown of each class.
EXAMPLES = 3


def tally(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    """By the name of the class, in the order in which classes came."""
    found: dict[str, list[Outcome]] = {}
    for one in outcomes:
        found.setdefault(one.mutant.fault.name, []).append(one)
    return found


def share(outcomes: Sequence[Outcome]) -> float:
    """How many of them are right, from 0 to 1; 1 for none."""
    return sum(one.right for one in outcomes) / len(outcomes) if outcomes else 1.0


def report(outcomes: Sequence[Outcome]) -> str:
    """Two tables, one of faults and one of harmless edits, and examples of what verification got wrong."""
    faults = [one for one in outcomes if not one.mutant.fault.harmless]
    harmless = [one for one in outcomes if one.mutant.fault.harmless]
    caught, quiet = sum(one.right for one in faults), sum(one.right for one in harmless)
    lines = [
        f"{len(faults)} faults, {caught} caught: {share(faults):.2%}. "
        f"{len(harmless)} edits that change no behaviour, {len(harmless) - quiet} with a finding.",
        "",
        "| class | why it is a fault | rules that count | drawn | caught | missed |",
        "|---|---|---|---:|---:|---:|",
        *(_row(name, its) for name, its in tally(faults).items()),
        "",
        "| edit | why it is harmless | drawn | quiet | with a finding |",
        "|---|---|---:|---:|---:|",
        *(_row(name, its) for name, its in tally(harmless).items()),
        "",
        *_examples(faults, "Missed"),
        *_examples(harmless, "Found where nothing is wrong"),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(name: str, its: Sequence[Outcome]) -> str:
    fault = its[0].mutant.fault
    right = sum(one.right for one in its)
    rules = [] if fault.harmless else [", ".join(sorted(fault.rules))]
    cells = [name, fault.why, *rules, str(len(its)), str(right), str(len(its) - right)]
    return "| " + " | ".join(cells) + " |"


def _examples(outcomes: Sequence[Outcome], title: str) -> Iterator[str]:
    wrong = {name: [one for one in its if not one.right] for name, its in tally(outcomes).items()}
    if any(wrong.values()):
        yield f"## {title}"
        yield ""
    for name, its in wrong.items():
        for one in its[:EXAMPLES]:
            yield from _example(name, one)


def _example(name: str, outcome: Outcome) -> Iterator[str]:
    mutant = outcome.mutant
    platform = recognised(mutant.router.config.text)
    difference = "\n".join(mutant.difference)
    yield f"{name}, {mutant.router.name} of {mutant.router.scene.name}:"
    yield ""
    yield "```diff"
    yield platform.redact(difference) if platform else difference
    yield "```"
    yield ""
    said = "; ".join(f"[{one.rule}] {', '.join(one.routers)}: {one.message}" for one in outcome.findings)
    yield outcome.crash or f"Findings: {said or 'none'}"
    yield ""
