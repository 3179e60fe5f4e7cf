"""Whether verification and the lab agree on mutants: about tunnels, about promised and forbidden packets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.verification import Finding
from tests.mutation.faults.crypto import CRYPTO
from tests.mutation.faults.firewall import FIREWALL
from tests.mutation.faults.ground import GROUND
from tests.mutation.faults.routing import ROUTING
from tests.mutation.faults.tunnels import TUNNELS
from tests.mutation.lab import Seen, follows, seen
from tests.mutation.mutant import Mutant
from tests.mutation.run import Outcome, judged

#: Checks that say of a router: one of its permanent tunnels will not form. That network-ids differ is not among them:
#: the number is each router's own, and one for each VPN the service's convention.
NO_TUNNEL = frozenset(
    {
        "every-tunnel-is-protected",
        "hub-is-where-spokes-look",
        "hubs-are-named",
        "hubs-are-reached",
        "identities-fit",
        "keys-are-equal",
        "nhrp-authentication-agrees",
        "profiles-agree",
        "profiles-are-complete",
        "proposals-meet",
        "shared-source-shares-profile",
        "transforms-meet",
        "tunnel-keys-agree",
        "tunnels-are-multipoint",
        "tunnels-have-a-source",
    }
)
#: Faults that the lab's routers do not obey: they exchange no routes between VRFs by route targets, an interface has
#: one address.
_NOT_OBEYED = frozenset({"two tables exchange routes", "secondary address of a network that is elsewhere"})
_CATALOGUES = (TUNNELS, CRYPTO, ROUTING, GROUND, FIREWALL)
#: What the lab knows about: tunnels and where packets go.
CLASSES = tuple(one for catalogue in _CATALOGUES for one in catalogue.classes if one.name not in _NOT_OBEYED)


@dataclass(frozen=True)
class Comparison:
    """A mutant, what verification says of it and what the lab sees."""

    outcome: Outcome
    lab: Seen
    followed: tuple[tuple[Finding, bool], ...] = ()

    @property
    def disagreement(self) -> str:
        """How the two differ, "" where they agree."""
        checks = {one.check for one in self.outcome.findings}
        if self.lab.refused:
            return ""  # a router would not run this text at all: there is nothing to compare
        if self.lab.bad and not checks:
            return "the lab sees what verification does not"
        if checks & NO_TUNNEL and not self.lab.lost:
            return "verification says that a tunnel will not form, and it is up"
        strays = (finding.message for finding, takes in self.followed if not takes)
        return next((f"the lab's packet takes another way than the one shown: {message}" for message in strays), "")


def compared(mutants: Iterable[Mutant]) -> list[Comparison]:
    """Both verdicts on each mutant, and whether the lab's packets take the ways that findings show."""
    return [_compared(one) for one in mutants]


def _compared(mutant: Mutant) -> Comparison:
    outcome, lab = judged(mutant), seen(mutant)
    if lab.refused:
        return Comparison(outcome, lab)
    asked = ((finding, follows(mutant, finding)) for finding in outcome.findings)
    return Comparison(outcome, lab, tuple((finding, takes) for finding, takes in asked if takes is not None))


def summary(comparisons: Sequence[Comparison]) -> str:
    """How often they agree, as Markdown, with every disagreement."""
    wrong = [one for one in comparisons if one.disagreement]
    down = sum(bool(one.lab.lost) for one in comparisons)
    lost = sum(bool(one.lab.broken) for one in comparisons)
    ways = sum(len(one.followed) for one in comparisons)
    lines = [
        f"{len(comparisons)} mutants were run in the lab: {down} lose a tunnel there, {lost} break a promise about "
        f"packets; {ways} packets that findings show were sent there; {len(comparisons) - len(wrong)} verdicts agree.",
        *(f"- {_told(one)}" for one in wrong),
    ]
    return "\n".join(lines) + "\n"


def _told(one: Comparison) -> str:
    mutant = one.outcome.mutant
    checks = ", ".join(sorted({finding.check for finding in one.outcome.findings})) or "nothing"
    links = (f"no tunnel {' '.join(link)}" for link in sorted(one.lab.lost)[:2])
    told = [*links, *(f"not kept: {question}" for question in one.lab.broken[:2])]
    where = f"{mutant.fault.name}, {mutant.router.name} of {mutant.router.scene.name}"
    return f"{where}: {one.disagreement}. Verification: {checks}. Lab: {'; '.join(told) or 'all is well'}."
