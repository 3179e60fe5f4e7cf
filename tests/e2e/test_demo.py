"""The demonstration is production's own commands; it ends with 0 only if each of its claims holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(1200)
def test_the_demonstration_holds(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "demo", str(workspace)],
        capture_output=True, text=True, timeout=1150, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "The demonstration holds" in done.stdout
    assert done.stdout.count("✔") >= 22
    secrets = [path.read_text().strip() for path in (workspace / "secrets").iterdir()]
    assert not [secret for secret in secrets if secret in done.stdout], "no secret was shown"
    kept = b"".join(path.read_bytes() for path in (workspace / "var").glob("spokesman.db*"))
    assert not [secret for secret in secrets if secret.encode() in kept], "no secret is in the history"
