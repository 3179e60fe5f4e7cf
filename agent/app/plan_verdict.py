"""What a plan must not bring about: verification of what would run after it, against what runs now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from agent.app.corrections import explained
from agent.app.verifying import INTENDED, Configuration, Picture, as_it_runs, from_inventory, together
from agent.errors import Refused
from agent.verification import Finding, Line
from agent.verification.shown import paths
from agent.verification.verify import NAMES
from inventory import Severity, SiteView

if TYPE_CHECKING:
    from agent.app.app import App


def disagreements(app: App, view: SiteView) -> tuple[Finding, ...]:
    """What is wrong among the intended configurations of a site's VPNs; a site that is not rendered is told."""
    hubs = {hub.key for vpn in view.vpns for hub in app.inventory.hubs(view, vpn)}
    needed = frozenset({view.key, *hubs})
    return from_inventory(app, together(app.inventory, [view]), needed).findings(app.inventory)


@dataclass(frozen=True)
class Judgement:
    """What verification says of a plan: ``refused`` stops it, ``shown`` was there before and does not."""

    refused: tuple[Finding, ...]
    shown: tuple[Finding, ...]


def judge_plan(app: App, view: SiteView) -> Judgement:
    """What a plan of a site would bring about: its routers as intended, all others as they run.

    A violation stops it if the plan introduces it, if the site's own router is the odd one, or if it cites a line that
    the plan changes. Raises what cannot be rendered of the plan's sites.
    """
    before = as_it_runs(app, together(app.inventory, [view]))
    hubs = {hub.key: hub for vpn in view.vpns for hub in app.inventory.hubs(view, vpn)}
    wanted = from_inventory(app, (view, *hubs.values()), frozenset({view.key, *hubs}))
    after = Picture(dict(before.known), dict(before.unknown), list(before.refused))
    for one in wanted.known.values():
        after.add(one)
        former = before.known.get(one.router)
        if former is not None and former.source == INTENDED:
            del before.known[one.router]
    findings = after.findings(app.inventory)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if not errors:
        return Judgement((), explained(app, after, findings))
    changed = {line for one in wanted.known.values() for line in _changed(before.known.get(one.router), one)}
    known = {_identity(finding) for finding in before.findings(app.inventory)}
    refused = [one for one in errors if _identity(one) not in known or _touches(one, view, changed)]
    told = explained(app, after, (*refused, *(finding for finding in findings if finding not in refused)))
    return Judgement(told[: len(refused)], told[len(refused) :])


def _touches(finding: Finding, view: SiteView, changed: set[Line]) -> bool:
    """Whether a finding is of the site's own router, or cites a line that the plan changes."""
    return finding.routers[:1] == (view.router.name,) or bool(changed.intersection(_all_lines(finding)))


def _identity(finding: Finding) -> tuple[str, str, tuple[str, ...], str]:
    """What makes a finding the same one before and after, wherever its lines stand."""
    return finding.check, finding.rule, finding.routers, finding.message


def _all_lines(finding: Finding) -> Iterator[Line]:
    yield from finding.lines
    for hop in finding.path:
        if hop.router in finding.routers:  # elsewhere the way only shows what comes of it
            yield from hop.lines


def _changed(before: Configuration | None, after: Configuration) -> Iterator[Line]:
    """The lines of a configuration that were not there before, under what they stand under."""
    former = {path for _, path in paths(before.text)} if before else set()
    yield from (Line(after.router, number) for number, path in paths(after.text) if path not in former)


def refuse_violations(app: App, view: SiteView, despite: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
    """Refuses a plan that would leave something wrong; returns what was found and does not stop it.

    ``despite`` names checks whose violations may pass while other routers do not yet run what is intended; what is
    wrong among intended configurations never passes. Raises Refused, NotRenderable or SecretUnusable.
    """
    if strange := sorted(despite - NAMES):
        near = get_close_matches(strange[0], NAMES, 1)
        remedy = f"is it {near[0]}?" if near else "a verdict has the name of its check behind its clause"
        raise Refused(f"no check is named {strange[0]}", where="--despite", remedy=remedy)
    judgement = judge_plan(app, view)
    if not judgement.refused:
        return judgement.shown
    lasting = {(one.check, one.message) for one in disagreements(app, view)}
    stops = [one for one in judgement.refused if (one.check, one.message) in lasting or one.check not in despite]
    if stops:
        passing = sorted({one.check for one in stops if (one.check, one.message) not in lasting})
        text = f"what would run then does not fit together: {'; '.join(map(str, stops))}"
        remedy = f"spokesman verify {view.key} shows all"
        if passing:
            remedy += (
                f"; until other routers run what is intended, --despite {' --despite '.join(passing)} lets it pass"
            )
        raise Refused(text, where=view.key, remedy=remedy)
    return (*judgement.refused, *judgement.shown)
