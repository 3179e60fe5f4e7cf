"""The agent and the inventory's rules know no platform: its name stands in the registry, its words in its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.platforms import PLATFORMS

ROOT = Path(__file__).parents[3]
#: Drivers speak a platform's language, labs and examples are of one.
OF_A_PLATFORM = ("agent/drivers", "agent/lab", "agent/scaffold", "agent/demo")
REGISTRY = "inventory/platforms.py"
NAMES = "|".join(PLATFORMS)
#: Makers, products, and what only one platform's texts say; RFCs name none of them.
WORDS = re.compile(
    rf"{NAMES}|ios-?xe|cisco|\bfrr|frrouting|strongswan|swanctl|vtysh|nftables"
    r"|\bshow (?:dmvpn|crypto|ip|bgp|running-config|archive)\b|configure replace|snmp-server|write memory"
    r"|\bTunnel\{|\bgre\{|\bVlan\{",
    re.IGNORECASE,
)


def files(package: str) -> Iterator[Path]:
    for path in sorted((ROOT / package).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(OF_A_PLATFORM) and place != REGISTRY:
            yield path


def places(package: str, words: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files(package)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if words.search(line)
    ]


@pytest.mark.parametrize("package", ["agent", "inventory"])
def test_no_word_of_a_platform_stands_outside_its_folder(package: str) -> None:
    assert places(package, WORDS) == []


def test_collectors_know_agents_and_no_platform() -> None:
    assert places("collectors", re.compile(NAMES)) == []


@pytest.mark.parametrize("word", ["cisco_iosxe", "IOS-XE", "a Cisco router", "FRR 8", "swanctl --load-all"])
def test_the_search_finds_what_it_looks_for(word: str) -> None:
    assert WORDS.search(word)
