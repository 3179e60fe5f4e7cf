"""The lab's router, which knows nothing of our templates, judges them: it takes every line, once, and keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.lab.config import ConfigTree
from agent.lab.lines import replace
from agent.lab.lines.grammar import iosxe
from agent.lab.models import Chassis
from agent.lab.router import VirtualRouter
from device_templates.cisco_iosxe.comparing.candidate import candidate
from device_templates.cisco_iosxe.comparing.compare import compare
from device_templates.cisco_iosxe.reading.complete import is_complete, restorable

EXPECTED = sorted(Path(__file__).parent.glob("*/expected/*.cfg"))
#: 17.15 hides defaults of NHRP, 17.9 shows them.
RELEASES = ("17.9", "17.15")
#: Whoever is of release 16 says so by its licence.
OLD = "16.12"


def _releases(intended: Path) -> tuple[str, ...]:
    licence = intended.with_name(f"{intended.stem}.stage1.txt").read_text()
    return (OLD,) if "securityk9" in licence else RELEASES


#: What an engineer types that is not configuration.
EXEC = {"enable", "configure terminal", "write memory", "reload"}


def _entered(router: VirtualRouter, path: Path) -> str:
    """What the router complains about when the text is typed."""
    lines = [line for line in path.read_text().splitlines() if line not in EXEC]
    complaints = router.merge("\n".join(lines) + "\n")
    router.save("engineer")
    router.reload()
    return complaints


@pytest.mark.parametrize(
    ("intended", "release"),
    [pytest.param(path, one, id=f"{path.stem}-{one}") for path in EXPECTED for one in _releases(path)],
)
def test_from_blank_to_intended(intended: Path, release: str) -> None:
    model = "C1121-4P" if intended.stem.startswith("gx-") else "C1111-8P"
    router = VirtualRouter(intended.stem, Chassis(model, "FCZ0000A0B1", release))
    router.power_on()
    assert _entered(router, intended.with_name(f"{intended.stem}.stage1.txt")) == ""
    assert _entered(router, intended.with_name(f"{intended.stem}.stage2.txt")) == ""

    text = intended.read_text()
    running = router.running.render(delimiter="^C")
    assert is_complete(running) is None
    assert not compare(text, running).equal

    outcome = replace.replace(router, ConfigTree.parse(candidate(text, restorable(running))))
    assert (outcome.equal, outcome.failed) == (True, ())
    running = router.running.render(delimiter="^C")
    assert compare(text, running).equal

    again = ConfigTree.parse(candidate(text, restorable(running)))
    assert list(replace.steps(router.running, again, iosxe())) == []
