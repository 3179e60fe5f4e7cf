"""The file of requests: written at once or not at all, kept in git, and nobody else's edits touched."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import JsonValue

from agent.errors import ConfigurationProblem, Refused
from inventory import InventoryError, load_workspace
from inventory.intent import Edit as IntentEdit
from inventory.intent import Entry, PathPart
from tests.unit.requests.bench import Bench

NAME = "customers/acme.requests.yaml"
PATH: tuple[PathPart, ...] = ("sites", "leeds", "lans", "corporate", {"vlan": 10}, "routes")


def entry(number: int, network: int = 0) -> Entry:
    added: JsonValue = {"prefix": f"10.10.{network or number}.0/24", "via": "10.10.2.254"}
    return Entry(request=f"SSR-{number:06d}", kind="add_static_route", edits=(IntentEdit(path=PATH, add=added),))


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def versioned(bench: Bench) -> Bench:
    git(bench.root, "init", "-q")
    git(bench.root, "config", "user.name", "eve")
    git(bench.root, "config", "user.email", "eve@acme.example")
    git(bench.root, "add", "spokesman.toml", "customers")
    git(bench.root, "commit", "-q", "-m", "The inventory")
    return bench


def test_what_is_proposed_is_what_is_written(bench: Bench) -> None:
    proposed = bench.intents.proposed("acme", entry(32))
    assert not (bench.root / NAME).exists()
    written = bench.intents.write("acme", entry(32), "why")
    assert proposed.digest == written.digest == load_workspace(bench.root).digest
    assert (bench.root / NAME).stat().st_mode == (bench.root / "customers" / "acme.yaml").stat().st_mode
    assert sorted(path.name for path in (bench.root / "customers").iterdir()) == ["acme.requests.yaml", "acme.yaml"]


def test_written_twice_is_written_once_and_taken_back_is_as_before(bench: Bench) -> None:
    bench.intents.write("acme", entry(32), "why")
    first = (bench.root / NAME).read_bytes()
    bench.intents.write("acme", entry(32), "why")
    assert (bench.root / NAME).read_bytes() == first
    bench.intents.write("acme", entry(33), "why")
    bench.intents.take_back("acme", "SSR-000033", "why")
    assert (bench.root / NAME).read_bytes() == first
    bench.intents.take_back("acme", "SSR-000099", "why")
    assert (bench.root / NAME).read_bytes() == first


def test_what_the_rules_refuse_is_not_written(bench: Bench) -> None:
    with pytest.raises(InventoryError, match="INV-16"):
        bench.intents.write("acme", entry(8), "why")
    assert not (bench.root / NAME).exists()


def test_many_writers_lose_no_entry(bench: Bench) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda number: bench.intents.write("acme", entry(number), "why"), range(40, 52)))
    assert len(bench.intents.entries("acme")) == 12


def test_git_keeps_only_that_file_and_leaves_other_edits_alone(versioned: Bench) -> None:
    root = versioned.root
    (root / "spokesman.toml").write_text((root / "spokesman.toml").read_text() + "\n# an edit of a person\n")
    (root / "customers" / "acme.yaml").write_text((root / "customers" / "acme.yaml").read_text() + "\n# staged\n")
    git(root, "add", "customers/acme.yaml")
    versioned.intents.write("acme", entry(32), "Apply SSR-000032")
    assert git(root, "show", "--name-only", "--format=%s %an", "HEAD").split("\n\n") == [
        "Apply SSR-000032 spokesman", f"{NAME}\n"
    ]  # fmt: skip
    assert git(root, "status", "--porcelain").splitlines() == ["M  customers/acme.yaml", " M spokesman.toml", "?? var/"]
    versioned.intents.take_back("acme", "SSR-000032", "Take SSR-000032 back")
    assert git(root, "log", "--format=%s").splitlines() == ["Take SSR-000032 back", "Apply SSR-000032", "The inventory"]


def test_what_a_kill_left_uncommitted_is_committed_by_the_next(versioned: Bench) -> None:
    versioned.intents.write("acme", entry(32), "Apply SSR-000032")
    git(versioned.root, "reset", "-q", "--soft", "HEAD~1")
    git(versioned.root, "reset", "-q")
    versioned.intents.write("acme", entry(32), "Apply SSR-000032")
    assert git(versioned.root, "log", "-1", "--format=%s").strip() == "Apply SSR-000032"
    assert git(versioned.root, "status", "--porcelain", "--", "customers") == ""


def test_a_hook_that_hangs_is_ended_and_leaves_no_lock(versioned: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.requests.workspace.GIT_LIMIT_S", 2)
    hook, started = versioned.root / ".git" / "hooks" / "pre-commit", versioned.root / "started"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho $$ > {started}\nexec sleep 60\n")
    hook.chmod(0o755)
    with pytest.raises(Refused, match="git commit did not end within 2 s"):
        versioned.intents.write("acme", entry(40), "why")
    hung = Path("/proc", started.read_text().strip())
    assert not hung.exists() or "sleep" not in (hung / "cmdline").read_text()
    hook.unlink()
    started.unlink()
    assert git(versioned.root, "status", "--porcelain", "--", "customers") == ""
    versioned.intents.write("acme", entry(40), "why")


@pytest.mark.parametrize("existing", [False, True])
def test_a_hook_that_says_no_refuses_and_leaves_everything_as_it_was(versioned: Bench, *, existing: bool) -> None:
    if existing:
        versioned.intents.write("acme", entry(31), "Apply SSR-000031")
    hook = versioned.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho this repository is frozen >&2\nexit 1\n")
    hook.chmod(0o755)
    before = versioned.intent
    with pytest.raises(Refused, match="this repository is frozen"):
        versioned.intents.write("acme", entry(32), "Apply SSR-000032")
    assert versioned.intent == before
    assert git(versioned.root, "status", "--porcelain", "--", "customers") == ""


def test_a_repository_that_is_locked_refuses(versioned: Bench) -> None:
    (versioned.root / ".git" / "index.lock").write_text("")
    with pytest.raises(Refused, match=r"index\.lock.* -> remove the lock if no git runs here"):
        versioned.intents.write("acme", entry(32), "Apply SSR-000032")
    assert versioned.intent == ""


def test_git_that_is_not_there_refuses(versioned: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Refused, match="git cannot be run"):
        versioned.intents.write("acme", entry(32), "Apply SSR-000032")
    assert versioned.intent == ""


def test_variables_of_another_repository_lead_nowhere(versioned: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere/.git")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    versioned.intents.write("acme", entry(32), "Apply SSR-000032")
    monkeypatch.undo()
    assert git(versioned.root, "log", "-1", "--format=%s").strip() == "Apply SSR-000032"


def test_a_workspace_that_merely_lies_in_a_repository_is_not_committed(bench: Bench) -> None:
    git(bench.root.parent, "init", "-q")
    bench.intents.write("acme", entry(32), "Apply SSR-000032")
    assert "?? workspace/" in git(bench.root.parent, "status", "--porcelain").splitlines()
    assert git(bench.root.parent, "rev-list", "--all", "--count").strip() == "0"


def test_commits_can_be_switched_off(versioned: Bench) -> None:
    with (versioned.root / "spokesman.toml").open("a") as file:
        file.write("[requests]\ncommit = false\n")
    versioned.intents.write("acme", entry(32), "Apply SSR-000032")
    assert git(versioned.root, "log", "--format=%s").splitlines() == ["The inventory"]


def test_a_folder_that_cannot_be_written_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object, **_named: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("agent.requests.workspace.NamedTemporaryFile", full)
    with pytest.raises(ConfigurationProblem, match="No space left"):
        bench.intents.write("acme", entry(32), "why")


def test_a_file_that_was_changed_by_hand_is_no_base_for_more(bench: Bench) -> None:
    bench.intents.write("acme", entry(32), "why")
    path = bench.root / NAME
    path.write_text(path.read_text().replace("10.10.32.0/24", "10.10.33.0/24"))
    with pytest.raises(InventoryError, match="changed by hand"):
        bench.intents.write("acme", entry(34), "why")
