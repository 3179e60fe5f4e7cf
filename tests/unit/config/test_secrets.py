"""References become secrets, and every way in which they cannot is told without showing one."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib.resources import files
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from agent.config import find_workspace, reached, secrets_of
from agent.errors import ConfigurationProblem, Refused
from agent.scaffold import create
from inventory.settings import Settings


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    create(root, "virtual")
    return root


@pytest.fixture
def settings(workspace: Path) -> Settings:
    return Settings.model_validate(tomllib.loads((workspace / "spokesman.toml").read_text()))


def test_named_file_secret(workspace: Path, settings: Settings) -> None:
    written = (workspace / "secrets" / "fleet-password").read_text().rstrip("\n")
    assert secrets_of(workspace, settings)("fleet-password").reveal() == written


def test_environment_secret(workspace: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOKESMAN_TEST_SECRET", "s3cret")
    assert secrets_of(workspace, settings)("env:SPOKESMAN_TEST_SECRET").reveal() == "s3cret"


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("env:SPOKESMAN_NOT_SET", "environment does not hold"),
        ("file:secrets/absent", "cannot be read"),
        ("file:secrets", "cannot be read"),
        ("nobody", "no secret is named"),
    ],
)
def test_absent_secrets(workspace: Path, settings: Settings, reference: str, says: str) -> None:
    with pytest.raises(ConfigurationProblem, match=says) as refused:
        secrets_of(workspace, settings)(reference)
    assert refused.value.remedy


def test_secret_that_others_may_read_is_refused(workspace: Path, settings: Settings) -> None:
    path = workspace / "secrets" / "ntp"
    path.chmod(0o640)
    with pytest.raises(ConfigurationProblem, match="others may read") as refused:
        secrets_of(workspace, settings)("ntp")
    assert path.read_text().strip() not in str(refused.value)


def test_empty_secret_is_refused(workspace: Path, settings: Settings) -> None:
    (workspace / "secrets" / "ntp").write_text("\n")
    with pytest.raises(ConfigurationProblem, match="empty"):
        secrets_of(workspace, settings)("ntp")


def test_every_secret_of_the_example_resolves(workspace: Path, settings: Settings) -> None:
    resolve = secrets_of(workspace, settings)
    values = [resolve(name).reveal() for name in settings.secrets]
    assert len(set(values)) == len(values), "each is drawn by itself"
    assert len(resolve("acme-nhrp").reveal()) == 8, "NHRP authentication carries eight characters"


def test_translation(settings: Settings) -> None:
    assert reached(settings, IPv4Address("10.254.0.11"), 22) == ("127.254.0.11", 2022)
    assert reached(settings, IPv4Address("10.254.0.11"), 443) == ("127.254.0.11", 443)
    assert reached(settings, IPv4Address("192.0.2.1"), 22) == ("192.0.2.1", 22)


def test_workspace_is_found_upward(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPOKESMAN_WORKSPACE", raising=False)
    monkeypatch.chdir(workspace / "customers")
    assert find_workspace(None) == workspace


@pytest.mark.parametrize("given", [lambda path: path, lambda _: None])
def test_no_workspace(tmp_path: Path, given: Callable[[Path], Path | None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPOKESMAN_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationProblem, match=r"spokesman\.toml") as refused:
        find_workspace(given(tmp_path))
    assert "init" in refused.value.remedy


def test_init_never_overwrites(workspace: Path) -> None:
    before = (workspace / "spokesman.toml").read_bytes()
    with pytest.raises(Refused, match="not empty"):
        create(workspace, "virtual")
    assert (workspace / "spokesman.toml").read_bytes() == before


def test_a_bare_workspace_points_nowhere(tmp_path: Path) -> None:
    create(tmp_path / "bare")
    settings = tomllib.loads((tmp_path / "bare" / "spokesman.toml").read_text())
    assert "reach" not in settings, "the lab's translation is the example's alone"
    assert not list((tmp_path / "bare" / "customers").iterdir())
    assert "reach" in files("agent.scaffold").joinpath("lab.toml").read_text()
