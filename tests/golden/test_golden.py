"""Golden cases: a folder with a workspace in it is a test; tests/golden/regenerate.py writes what is expected."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.cisco_iosxe.reading.secrets import redact
from device_templates.cisco_iosxe.rendering.render import render
from device_templates.cisco_iosxe.type7 import reveal
from device_templates.rendering.partials import partials


def _regenerate() -> Any:
    spec = importlib.util.spec_from_file_location("golden_regenerate", Path(__file__).with_name("regenerate.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CASES = _regenerate().cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_rendering_is_what_is_expected(case: Any) -> None:
    expected = {path.name: path.read_bytes().decode() for path in case.expected.iterdir()}
    assert case.files() == expected, "if this is meant: python tests/golden/regenerate.py, and read the diff"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
def test_nothing_of_secrets_toml_leaks(case: Any) -> None:
    """The must-not-leak list of a case is its secrets.toml: no value survives redaction, or stands in a model."""
    for path in case.expected.iterdir():
        text = path.read_bytes().decode()
        shown = redact(text) + (repr(read_model(text)) if path.suffix == ".cfg" else "")
        words = {*shown.split(), *(reveal(word) or "" for word in shown.split())}
        for value in case.values.values():
            assert value not in shown
            assert value not in words


def test_every_partial_is_rendered_by_some_case() -> None:
    used: set[str] = set()
    for case in CASES:
        inventory = case.inventory
        for view in inventory.sites():
            used.update(line.partial for line in render(inventory, view, case.secret).lines)
    for platform in ("cisco_iosxe", "cisco_ios"):
        assert {partial.place for partial in partials(platform, None).values()} <= used
