"""`spokesman api` in a process of its own, and schemathesis against it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.api.application import described

STARTED = re.compile(r"listens on (https?://\S+)")
WITHIN_S = 60

#: A network with host bits is right in form and still none: what a pattern cannot say is answered 422.
CONFIGURATION = """
[[operations]]
include-operation-id = "submitRequest"
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "5xx"]
"""


@dataclass
class Server:
    """A running API: where it answers, its process, and the file with its log."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it and wait; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(WITHIN_S)


@contextmanager
def running(root: Path) -> Iterator[Server]:
    """Serve the workspace at ``root`` until the block ends."""
    log = root / "api.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "agent.cli", "--workspace", str(root), "api"], stdout=stream, stderr=stream
        )
    try:
        yield Server(_url(process, log), process, log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(WITHIN_S)


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + WITHIN_S
    while time.monotonic() < end:
        found = STARTED.findall(log.read_text())
        if found:
            return str(found[-1])
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@dataclass(frozen=True)
class Verdict:
    """What schemathesis found: its report for people, and whether it found nothing."""

    good: bool
    cases: int
    text: str


def fuzz(server: Server, token: str, folder: Path, *options: str) -> Verdict:
    """Run schemathesis with all of its checks against a server; ``folder`` is for its files."""
    folder.mkdir(exist_ok=True)
    (folder / "openapi.json").write_text(json.dumps(described()))
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--url", server.url, "--checks", "all",
         "--header", f"Authorization: Bearer {token}", "--seed", "1", "--no-color", *options],
        cwd=folder, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    generated = re.search(r"(\d+) generated", done.stdout)
    return Verdict(done.returncode == 0, int(generated.group(1)) if generated else 0, done.stdout + done.stderr)
