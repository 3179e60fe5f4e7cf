"""Real Linux routers in a kernel of their own: the product makes a DMVPN of blank boxes, and real faults are named."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from agent.demo import dmvpn
from agent.scaffold import create


def _play(workspace: Path) -> str:
    if os.geteuid() != 0 and "CI" not in os.environ:
        pytest.skip("real routers need root: their network interfaces are made on this machine")
    create(workspace, "real")
    said = io.StringIO()
    try:
        dmvpn.play(workspace, Console(file=said, highlight=False, markup=False, width=200))
    except BaseException:
        print(said.getvalue())
        raise
    secrets = [path.read_text().strip() for path in (workspace / "secrets").iterdir()]
    assert not [secret for secret in secrets if secret in said.getvalue()], "no secret was shown"
    return said.getvalue()


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_blank_routers_become_a_dmvpn_and_real_faults_are_named(tmp_path: Path) -> None:
    said = _play(tmp_path / "workspace")
    assert said.count("✔") >= 20
    assert said.count("access or power") >= 2
    assert "key mismatch" in said
