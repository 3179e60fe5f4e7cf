"""A wheel that is installed elsewhere works: the four packages, the templates and the other data are in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = (
    ("device_templates/cisco_iosxe", "*.j2"),
    ("device_templates/cisco_iosxe", "*.toml"),
    ("device_templates/cisco_ios", "*.j2"),
    ("device_templates/cisco_ios", "*.toml"),
    ("agent/lab", "*.grammar"),
    ("agent/scaffold", "*.toml"),
    ("agent/scaffold", "*.yaml"),
)
PACKAGES = {"agent", "collectors", "custom_napalm", "device_templates", "inventory"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # Building leaves files beside the source, and takes up those that an earlier build left: a copy has none.
    source = shutil.copytree(ROOT, folder / "source", ignore=shutil.ignore_patterns(".*", "build", "*.egg-info", "var"))
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (found,) = folder.glob("*.whl")
    return found


def test_it_holds_the_packages_and_their_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == PACKAGES
    for folder, pattern in DATA:
        wanted = {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob(pattern)}
        assert wanted, f"{folder} holds no {pattern}"
        assert wanted <= set(names)


def test_it_makes_checks_and_renders_a_workspace(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(target)
    # The target comes before the project's own tree; what it depends on is taken from this environment.
    environment = {**os.environ, "PYTHONPATH": f"{target}{os.pathsep}{sysconfig.get_path('purelib')}"}

    def spokesman(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-S", "-m", "agent.cli", *arguments], cwd=tmp_path, env=environment, text=True,
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    spokesman("init", "workspace", "--example")
    spokesman("-w", "workspace", "inventory", "check")
    rendered = spokesman("-w", "workspace", "render", "acme-lee-r1")
    assert "tunnel mode gre multipoint" in rendered
    where = subprocess.run(
        [sys.executable, "-S", "-c", "import agent; print(agent.__file__)"], cwd=tmp_path, env=environment, text=True,
        capture_output=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(target)), "the wheel was tested, not the source tree"


def test_napalm_finds_the_driver_of_linux_frr_in_it(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(target)
    environment = {**os.environ, "PYTHONPATH": f"{target}{os.pathsep}{sysconfig.get_path('purelib')}"}
    asked = "import inspect, napalm; print(inspect.getfile(napalm.get_network_driver('linux_frr')))"
    found = subprocess.run(
        [sys.executable, "-S", "-c", asked], cwd=tmp_path, env=environment, text=True, capture_output=True, check=True,
    )  # fmt: skip
    assert found.stdout.strip() == str(target / "agent/drivers/linux_frr/driver.py")
