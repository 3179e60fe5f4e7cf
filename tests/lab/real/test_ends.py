"""How a lab ends, and what is left on the machine: nothing, however it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.lab.errors import LabError
from agent.lab.real import machine, outside
from agent.lab.real.lab import RealLab
from agent.lab.real.namespaces import Namespaces
from tests.lab.conftest import eventually
from tests.lab.real.conftest import another, needs

pytestmark = pytest.mark.lab

OWNER = """
import time
from agent.lab.real.lab import RealLab
from agent.lab.real.namespaces import Namespaces
from tests.lab.real.conftest import another
with RealLab(another({third}), Namespaces()):
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _root() -> None:
    needs(Namespaces())


def routes() -> str:
    """This machine's routes."""
    return subprocess.run(["ip", "route"], capture_output=True, text=True, check=True).stdout


def test_nothing_is_left_when_it_ends() -> None:
    with RealLab(another(1), Namespaces()):
        assert "10.251.1.0/24" in routes()
        folder = next(
            path for path in outside.FOLDER.glob("*/inside.json") if "10.251.1.0/24" in path.read_text()
        ).parent
    assert "10.251.1.0/24" not in routes()
    assert "10.250.1.20" not in routes()
    assert not folder.exists()
    assert not Path(f"/sys/class/net/spokesman{folder.name}").exists()
    with pytest.raises(LabError, match="has not been started"):
        RealLab(another(1), Namespaces()).cut("hub")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_owner_however_that_ends(number: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER.format(third=2)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"ready\n"
    assert "10.251.2.0/24" in routes()
    owner.send_signal(number)
    owner.wait()
    owner.stdout.close()
    assert eventually(lambda: "10.251.2.0/24" not in routes())


def test_a_folder_left_over_is_cleared_by_the_next_lab() -> None:
    place = outside.take_place()
    stray = subprocess.Popen(["/usr/bin/python3", "-c", "import time; time.sleep(60)", str(place.folder)])
    assert eventually(lambda: str(place.folder) in Path(f"/proc/{stray.pid}/cmdline").read_text())
    (place.folder / "pid").write_text(str(stray.pid))
    os.close(place.lock)
    with RealLab(another(3), Namespaces()):
        assert stray.wait(10) == -signal.SIGKILL
    assert not place.folder.exists()


def test_two_labs_run_beside_each_other_but_not_in_one_network() -> None:
    with RealLab(another(4), Namespaces()) as first, RealLab(another(5), Namespaces()) as second:
        assert first.check_console("hub", "hostname") == second.check_console("hub", "hostname")
        with pytest.raises(LabError, match=r"10\.251\.4\.0/24 cannot be routed .* is another lab running"):
            RealLab(another(4), Namespaces()).start()


def test_what_is_missing_is_told_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(machine, "PYTHON", "/nowhere/python3")
    with pytest.raises(LabError, match=r"root: .*; /nowhere/python3 is missing: apt-get install"):
        RealLab(another(6), Namespaces()).start()


def test_a_start_that_fails_says_what_the_inside_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PYTHON", "/bin/false")
    with pytest.raises(LabError, match="did not appear"):
        RealLab(another(7), Namespaces()).start()
