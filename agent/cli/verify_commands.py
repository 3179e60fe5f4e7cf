"""spokesman verify: proofs and counterexamples, from configurations alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.command import REFUSED, Json, app_of, fail, speaking
from agent.cli.inventory_commands import tell_warnings
from agent.cli.output import Output
from inventory import Severity

if TYPE_CHECKING:
    from agent.app.verifying import Configuration
    from agent.verification import Finding, Line

#: Of lines that are not understood, so many numbers are told; --json has them all with their texts.
MOST_NUMBERS = 20


def verify(
    context: typer.Context,
    site: Annotated[str, typer.Argument(help="One site and what it shares VPNs with; all without.")] = "",
    file: Annotated[
        list[Path] | None,
        typer.Option(help="Judge this configuration in place of its router's, which its host name tells; repeatable."),
    ] = None,
    intended: Annotated[
        bool, typer.Option("--intended", help="Judge what routers should run, also where what runs is archived.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Prove from configurations that tunnels will form and what was ordered is kept."""
    with speaking(as_json) as output:
        from agent.app.corrections import verdicts
        from agent.app.verifying import judged
        from agent.verification.shown import as_document, of_finding

        app = app_of(context)
        tell_warnings(output, app.inventory)
        picture = judged(app, site, file or (), intended=intended)
        findings = verdicts(app, picture)
        known = app.known
        judged_by = [picture.known[name] for name in sorted(picture.known)]
        _tell_faults(output, judged_by)

        def lookup(line: Line) -> str:
            return picture.line(line, known)

        for finding in findings:
            style = "red" if finding.severity is Severity.ERROR else "yellow"
            for number, text in enumerate(of_finding(finding, lookup)):
                output.say(text, style=style if number == 0 else "")
            output.say()
        _tell_sources(output, judged_by)
        output.say(_summary(findings, judged_by), style="bold")
        output.result(
            {"routers": [_router(one) for one in judged_by], "unknown": picture.unknown,
             "findings": [as_document(one, lookup) for one in findings]}
        )  # fmt: skip
        if any(one.severity is Severity.ERROR for one in findings):
            fail(REFUSED)


def _tell_faults(output: Output, judged_by: Sequence[Configuration]) -> None:
    """First of all, what is not whole: most of what is found then comes of that."""
    for one in judged_by if not output.as_json else ():
        if one.fault:
            output.note(f"warning: {one.source} is not whole: {one.fault}; what it lacks is found missing below")


def _tell_sources(output: Output, judged_by: Sequence[Configuration]) -> None:
    """Which configurations were judged, and what of them a verdict is not sure of."""
    groups: dict[str, list[str]] = {}
    for one in judged_by:
        groups.setdefault(one.source, []).append(one.router)
    for source, routers in groups.items():
        more = f" and {len(routers) - 5} more" if len(routers) > 5 else ""
        output.say(f"Judged {source}: {', '.join(routers[:5])}{more}.")
    for one in judged_by if not output.as_json else ():
        if numbers := [str(unread.number) for unread in one.model.unread]:
            more = ", ..." if len(numbers) > MOST_NUMBERS else ""
            total = "" if one.fault else f" of {one.model.lines}"
            said = f"{len(numbers)}{total} lines are not understood, and verdicts are given without them"
            output.note(f"warning: {one.router}, {one.source}: {said}: {', '.join(numbers[:MOST_NUMBERS])}{more}")


def _router(one: Configuration) -> dict[str, object]:
    return {
        "router": one.router,
        "source": one.source,
        "not_whole": one.fault,
        "lines": one.model.lines,
        "unread": [{"number": unread.number, "text": unread.text} for unread in one.model.unread],
    }


def _summary(findings: Sequence[Finding], judged_by: Sequence[Configuration]) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    others = len(findings) - errors
    if not findings and not judged_by:
        return "Nothing was judged: the inventory holds no router."
    if not findings and any(one.fault or one.model.unread for one in judged_by):
        return "No violation found in what is understood: see the warnings."
    if not findings:
        return "Everything fits: no violation found."
    return f"{_count(errors, 'violation')}, {_count(others, 'warning')}."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
