"""Golden cases of Linux routers: a folder with a workspace is a test; regenerate_linux_frr.py writes the texts."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from device_templates.linux_frr import PLATFORM
from device_templates.linux_frr.reading.document import parse
from device_templates.rendering.partials import features


def _regenerate() -> Any:
    path = Path(__file__).with_name("regenerate_linux_frr.py")
    spec = importlib.util.spec_from_file_location("regenerate_linux_frr", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CASES = _regenerate().linux_cases()
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)


@every_case
def test_rendering_is_what_is_expected(case: Any) -> None:
    expected = {path.name: path.read_text(encoding="utf-8") for path in case.expected.iterdir()}
    remedy = "if this is meant: python tests/golden/linux_frr/regenerate_linux_frr.py, and read the diff"
    assert case.files() == expected, remedy


@every_case
def test_the_lines_are_the_text_and_know_where_they_come_from(case: Any) -> None:
    for rendered in case.documents:
        assert "".join(f"{line.text}\n" for line in rendered.lines) == rendered.text
        for line in rendered.lines:
            if line.partial:
                assert line.partial.startswith("linux_frr/")
                assert line.feature
                assert line.option
                assert "{" not in f"{line.feature}{line.option}{line.path[0]}"
            else:
                assert line.text.startswith("%% ")


@every_case
def test_a_document_is_complete_and_the_same_each_time(case: Any) -> None:
    for rendered in case.documents:
        assert PLATFORM.is_complete(rendered.text) is None
        assert PLATFORM.compare(rendered.text, rendered.text).equal
    assert [one.text for one in case.rendered()] == [one.text for one in case.documents]


@every_case
def test_nothing_of_secrets_toml_leaks(case: Any) -> None:
    """The must-not-leak list of a case is its secrets.toml: no value survives redaction, or stands in a model."""
    for path in case.expected.iterdir():
        text = path.read_text(encoding="utf-8")
        shown = PLATFORM.redact(text) + (repr(PLATFORM.read_model(text)) if path.suffix == ".doc" else "")
        assert [value for value in case.values.values() if value in shown] == []


@every_case
def test_day_zero_says_what_provisioning_says(case: Any) -> None:
    """Each line of the first document stands in the same file of the intended one, in the same order."""
    for rendered in case.documents:
        stage = (case.expected / f"{rendered.router}.stage2.txt").read_text(encoding="utf-8")
        first = parse(stage.partition("<<'DOCUMENT'\n")[2].partition("DOCUMENT\n")[0])
        whole = parse(rendered.text)
        for file in first.files:
            rest = iter((whole.content(file.path) or "").split("\n"))
            assert all(line in rest for line in file.content.split("\n")), file.path
        assert not [file.path for file in first.files if file.path.startswith("etc/frr/")]


@every_case
def test_the_login_is_the_fleet_s(case: Any) -> None:
    for rendered in case.documents:
        user, _, stored = (parse(rendered.text).content("etc/spokesman/users") or "").strip().partition(":")
        assert user == "spokesman"
        assert bcrypt.checkpw(case.values["env:FLEET_PASSWORD"].encode(), stored.encode())


@every_case
def test_a_vpn_s_files_know_no_other_vpn(case: Any) -> None:
    """No address of one VPN stands in what runs in the namespace of another [WV-6]."""
    for inventory_view in case.inventory.sites():
        rendered = next(one for one in case.documents if one.router == inventory_view.router.name)
        for name in inventory_view.vpns:
            others = [vpn for other, vpn in inventory_view.vpns.items() if other != name]
            for file in parse(rendered.text).files:
                if f"/{name}/" in file.path or file.path.endswith((f"/{name}.nft", f"/{name}.conf")):
                    assert [vpn for vpn in others if str(vpn.tunnel_network) in file.content] == [], file.path
                    assert not [vpn for vpn in others if re.search(rf"\b(gre|ibo){vpn.id}\b", file.content)], file.path


def test_every_partial_is_rendered_by_some_case() -> None:
    used = {line.partial for case in CASES for rendered in case.documents for line in rendered.lines}
    assert {f"linux_frr/{feature.name}.j2" for feature in features("linux_frr")} <= used


def test_the_two_sides_read_one_document_alike() -> None:
    from device_templates.linux_frr.onboard.router.change import document as on_the_router

    for case in CASES:
        for rendered in case.documents:
            files = on_the_router.parse(rendered.text)
            assert files == {file.path: file.content for file in parse(rendered.text).files}
            assert on_the_router.build(files) == rendered.text
