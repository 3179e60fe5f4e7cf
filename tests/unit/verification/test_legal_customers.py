"""Unusual customers that the inventory takes have nothing to be found, on every kind of router."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.verification import Finding, verify
from device_templates import platform_of
from inventory import Secret, Severity
from inventory.loader import load_workspace

GOLDEN = Path(__file__).parents[2] / "golden"
CASES = ("options_iosxe", "options_ios15", "linux_frr/options")


def _faults(case: str, folder: Path, changes: Mapping[str, str]) -> list[Finding]:
    """What is wrong with what a golden customer should run after ``changes`` of the text of its file."""
    shutil.copytree(GOLDEN / case / "workspace", folder / "workspace")
    (file,) = (folder / "workspace" / "customers").glob("*.yaml")
    text = file.read_text(encoding="utf-8")
    for there, instead in changes.items():
        assert there in text, there
        text = text.replace(there, instead, 1)
    file.write_text(text, encoding="utf-8")
    secrets = tomllib.loads((GOLDEN / case / "secrets.toml").read_text(encoding="utf-8"))["secrets"]
    inventory = load_workspace(folder / "workspace")
    models = {
        view.router.name: platform_of(view).intended_model(inventory, view, lambda name: Secret(secrets[name]))
        for view in inventory.sites()
    }
    return [one for one in verify(models, inventory) if one.severity is Severity.ERROR]


@pytest.mark.parametrize("case", CASES)
def test_lans_of_two_vpns_may_have_one_address(case: str, tmp_path: Path) -> None:
    """Each is in the table of its VPN [WV-6, INV-16]."""
    assert not _faults(case, tmp_path, {"address: 10.20.1.1/24": "address: 10.10.1.1/24"})


@pytest.mark.parametrize("case", CASES)
def test_a_site_may_have_no_lan_in_a_vpn_yet(case: str, tmp_path: Path) -> None:
    """The inventory warns of it; the site's router then announces nothing."""
    lines = (GOLDEN / case / "workspace" / "customers" / "acme.yaml").read_text(encoding="utf-8").splitlines()
    lan = next(line for line in lines if "10.20.2.3/24" in line)
    gone = ("cctv: {group: 20", "{name: pictures, vpn: cctv", "internet_breakout: {vpn: cctv")
    changes = {f"{line}\n": "" for line in lines if any(word in line for word in gone)}
    assert not _faults(case, tmp_path, {f"{lan}\n": "", **changes})


def test_what_offload_drops_is_no_firewalls_message(tmp_path: Path) -> None:
    """Where filters do what others do by routing, firewall logging asks nothing of them [WV-8, WV-12, WV-14]."""
    there = "      internet_breakout: {vpn: cctv, allow: [https]}\n"
    ordered = f"{there}      firewall_logging: {{vpn: corporate, host: 10.10.2.60}}\n"
    assert not _faults("linux_frr/options", tmp_path, {there: ordered})
