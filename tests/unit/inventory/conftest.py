"""Workspaces to load: copies of the samples that a test may spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

WORKSPACES = Path(__file__).parent / "workspaces"

#: Copies a sample workspace; each replacement is (file, old text, new text), and the old text must be there.
Copy = Callable[..., Path]


@pytest.fixture
def copied(tmp_path: Path) -> Copy:
    def copy(name: str, *replacements: tuple[str, str, str]) -> Path:
        root = tmp_path / "workspace"
        shutil.copytree(WORKSPACES / name, root)
        for file, old, new in replacements:
            text = (root / file).read_text()
            assert old in text
            (root / file).write_text(text.replace(old, new, 1))
        return root

    return copy
