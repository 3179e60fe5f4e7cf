"""Any datagram on the port for syslog is counted once and does no harm; what it leaves are few harmless words."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest

from agent.daemon.hearing.syslog import SyslogWatch
from agent.daemon.ports import Place
from collectors.hearing import Allowance
from collectors.syslog import Fate
from device_templates import platform_text
from tests.fuzzing import packets
from tests.unit.syslog.samples import IOS, LINUX, datagrams

FEW, MILLION = 5_000, 1_000_000
HARMLESS = re.compile(r"[a-z]+( [A-Za-z0-9][A-Za-z0-9./:_-]{0,62})?( [a-z][a-z ]{0,30})?")


def played(platform: str, number: int) -> Counter[str]:
    """What became of so many packets that began as this platform's."""
    told: list[str] = []
    watch = SyslogWatch(Place(Path("/x"), syslog=("192.0.2.9", 0)), lambda _router, words: told.append(words))
    messages = platform_text(platform).messages
    watch.admit({"192.0.2.1": ("r1", messages)})
    receiver = watch._receiver
    assert receiver is not None
    object.__setattr__(receiver._senders["192.0.2.1"], "allowance", Allowance(1e12, 1e12))
    for packet in packets(4, number, datagrams(platform)):
        told.clear()
        receiver._take(packet, ("192.0.2.1", 514))
        assert all(HARMLESS.fullmatch(words) for words in told), told
        assert not (told and messages.firewall.search(packet)), "a firewall's words lead to nothing"
    return receiver.counts


@pytest.mark.parametrize("platform", [IOS, LINUX])
def test_whatever_comes_is_counted_and_leaves_little(platform: str) -> None:
    counts = played(platform, FEW)
    assert counts.total() == FEW
    assert all(counts[fate] for fate in (Fate.HEARD, Fate.FIREWALL, Fate.MALFORMED))


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("platform", [IOS, LINUX])
def test_of_a_million_datagrams_none_does_harm(platform: str) -> None:
    began = time.perf_counter()
    counts = played(platform, MILLION)
    assert counts.total() == MILLION
    print(f"{platform}: {MILLION / (time.perf_counter() - began):,.0f} a second made and read; {dict(counts)}")
