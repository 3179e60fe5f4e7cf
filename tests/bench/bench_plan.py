"""Explaining the plan of a hub: ours, the candidate and its changes by feature; hier_config, remediation alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from hier_config import Platform, WorkflowRemediation, get_hconfig

from agent.config import secrets_of
from agent.provisioning.texts import PlatformTexts
from agent.scaffold import create
from device_templates import Rendered
from device_templates.cisco_iosxe import PLATFORM
from inventory import load_workspace
from tests.bench.harness import Row, compare

TIMES = 5
HUB = "acme-lon-r1"


def before(rendered: Rendered) -> str:
    """What the hub runs before: another description on each interface, no routing, one LAN less."""
    lines = []
    skipping = False
    for line in rendered.text.splitlines():
        if not line.startswith(" "):
            skipping = line.startswith(("router bgp", "interface Vlan20"))
        if not skipping:
            lines.append(line.replace("LAN of VPN", "Old LAN of"))
    return "".join(f"{line}\n" for line in lines)


def ours(texts: PlatformTexts, rendered: Rendered, running: str) -> Callable[[], int]:
    def explain() -> bool:
        texts.candidate(rendered.text, running)
        return bool(texts.changes(rendered, running))

    return lambda: sum(explain() for _ in range(TIMES))


def hier_config(rendered: Rendered, running: str) -> Callable[[], int]:
    def explain() -> bool:
        platform = Platform.CISCO_IOS
        work = WorkflowRemediation(get_hconfig(platform, running), get_hconfig(platform, rendered.text))
        return bool(work.remediation_config_filtered_text(include_tags=[], exclude_tags=[]))

    return lambda: sum(explain() for _ in range(TIMES))


def rows(rounds: int) -> Iterator[Row]:
    """The table's line."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        create(root, "virtual")
        inventory = load_workspace(root)
        texts = PlatformTexts(PLATFORM, secrets_of(root, inventory.settings), None)
        rendered = texts.intended(inventory, inventory.router(HUB))
        running = before(rendered)
        yield compare(
            f"explain the plan of a hub {TIMES} times", ours(texts, rendered, running), hier_config(rendered, running),
            rounds, "hier_config, remediation alone",
        )  # fmt: skip
