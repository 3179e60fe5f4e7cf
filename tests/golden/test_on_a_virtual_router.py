"""The lab's router, which knows nothing of our templates, judges them: it takes every line, once, and keeps it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.lab.config import ConfigTree
from agent.lab.lines import replace
from agent.lab.models import Chassis
from agent.lab.router import VirtualRouter
from device_templates.cisco_iosxe.comparing.candidate import candidate
from device_templates.cisco_iosxe.comparing.compare import compare
from device_templates.cisco_iosxe.reading.complete import is_complete, restorable

EXPECTED = sorted(Path(__file__).parent.glob("*/expected/*.cfg"))
#: 17.15 hides defaults of NHRP, 17.9 shows them.
NEW = ["17.9", "17.15"]
#: What an engineer types that is not configuration.
EXEC = {"enable", "configure terminal", "write memory", "reload"}


def _entered(router: VirtualRouter, path: Path) -> str:
    """What the router complains about when the text is typed."""
    lines = [line for line in path.read_text().splitlines() if line not in EXEC]
    complaints = router.merge("\n".join(lines) + "\n")
    router.save("engineer")
    router.reload()
    return complaints


def _chassis(path: Path) -> list[Chassis]:
    """What a configuration is meant for: the releases that have its lines, and a model that has its ports."""
    text = path.read_text()
    if text.startswith("version 15."):
        model = "C892FSP-K9" if "interface GigabitEthernet8\n" in text else "CISCO2911/K9"
        return [Chassis(model, "FCZ0000A0B1", "15.7(3)M8")]
    model = "C1121-4P" if path.stem.startswith("gx-") else "C1111-8P"
    releases = ["16.12.4"] if "ntp authentication-key 1 md5 " in text else NEW
    return [Chassis(model, "FCZ0000A0B1", release) for release in releases]


MEANT = [(path, chassis) for path in EXPECTED for chassis in _chassis(path)]


@pytest.mark.parametrize(
    ("intended", "chassis"), MEANT, ids=[f"{path.parts[-3]}-{path.stem}-{one.release}" for path, one in MEANT]
)
def test_from_blank_to_intended(intended: Path, chassis: Chassis) -> None:
    router = VirtualRouter(intended.stem, chassis)
    router.power_on()
    for stage in sorted(intended.parent.glob(f"{intended.stem}.stage?.txt")):
        assert _entered(router, stage) == ""

    text = intended.read_text()
    running = router.shown(delimiter="^C")
    assert is_complete(running) is None
    assert not compare(text, running).equal

    outcome = replace.replace(router, ConfigTree.parse(candidate(text, restorable(running))))
    assert (outcome.equal, outcome.failed) == (True, ())
    running = router.shown(delimiter="^C")
    assert compare(text, running).equal

    again = ConfigTree.parse(candidate(text, restorable(running)))
    assert list(replace.steps(router.running, again, router.grammar)) == []
