"""A new workspace: nothing is overwritten, and where none can be made a sentence says so."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from agent.errors import Refused
from agent.scaffold import Example, create
from inventory import load_workspace


@pytest.mark.parametrize("name", ["taken", "taken/below"])
def test_a_file_in_the_way_is_told_and_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(Refused, match="no workspace can be made") as refused:
        create(tmp_path / name)
    assert refused.value.remedy
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_folder_with_anything_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(Refused, match="not empty"):
        create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("example", get_args(Example))
def test_the_examples_hold_every_rule(tmp_path: Path, example: Example) -> None:
    create(tmp_path / "workspace", example)
    assert len(load_workspace(tmp_path / "workspace").customers) == 1
