"""Workspaces with requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.scaffold import create
from agent.store.base import open_store
from tests.tables import create_all
from tests.unit.requests.bench import Bench, Edit


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("example") / "workspace"
    create(root, "virtual")
    return root


@pytest.fixture
def bench(example: Path, tmp_path: Path) -> Bench:
    root = tmp_path / "workspace"
    (root / "customers").mkdir(parents=True)
    for name in ("spokesman.toml", "customers/acme.yaml"):
        (root / name).write_bytes((example / name).read_bytes())
    engine = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    create_all(engine)
    return Bench(root, engine)


@pytest.fixture
def edit(bench: Bench) -> Edit:
    """Change a file of the workspace as a person would."""

    def change(name: str, old: str, new: str) -> None:
        path = bench.root / name
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))

    return change
