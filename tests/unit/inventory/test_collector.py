"""The collector rests while a workspace is loaded, and is at work again afterwards, whatever came of it."""

from __future__ import annotations

import gc
from pathlib import Path
from unittest.mock import patch

import pytest

from inventory import InventoryError, load_workspace, loader
from inventory.errors import Problem
from inventory.loading.collector import without_collector

SAMPLE = Path(__file__).parent / "workspaces" / "acme"


def test_the_collector_rests_while_a_workspace_is_loaded() -> None:
    def judging(*_: object) -> list[Problem]:
        seen.append(gc.isenabled())
        return []

    seen: list[bool] = []
    with patch.object(loader, "_judge", judging):
        load_workspace(SAMPLE)
    assert seen == [False]
    assert gc.isenabled()


def test_it_is_at_work_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(InventoryError):
        load_workspace(tmp_path)
    assert gc.isenabled()


def test_who_had_stopped_it_finds_it_stopped() -> None:
    gc.disable()
    try:
        with without_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
