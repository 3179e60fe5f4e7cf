"""Whom the receiver hears, how much of it, and that a firewall's messages get in nobody's way."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from collectors.errors import SocketUnavailable
from collectors.syslog import Fate, Message, SyslogReceiver
from collectors.syslog.receiver import BURST
from device_templates.messages import messages_of
from tests.unit.syslog.samples import FIREWALL, IOS, SAMPLES

SAID = messages_of(IOS).firewall
LINK = SAMPLES[0].datagram
DROPPED = FIREWALL[0].datagram


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[SyslogReceiver, list[tuple[str, Message]]]]:
    heard: list[tuple[str, Message]] = []
    async with (
        asyncio.timeout(60),
        SyslogReceiver("127.0.0.1", 0, lambda device, message: heard.append((device, message))) as receiver,
    ):
        receiver.admit({"127.0.0.1": ("r1", SAID), "127.0.0.2": ("r2", SAID)})
        yield receiver, heard


def run(story: Callable[[SyslogReceiver, list[tuple[str, Message]]], Coroutine[Any, Any, None]]) -> None:
    async def told() -> None:
        async with receiving() as (receiver, heard):
            await story(receiver, heard)

    asyncio.run(told())


def send(receiver: SyslogReceiver, *datagrams: bytes, source: str = "127.0.0.1") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", receiver.port))


async def counted(receiver: SyslogReceiver, number: int) -> None:
    while receiver.counts.total() + receiver.lost < number:
        await asyncio.sleep(0.005)


def test_known_routers_are_heard_and_nobody_else() -> None:
    async def story(receiver: SyslogReceiver, heard: list[tuple[str, Message]]) -> None:
        send(receiver, LINK)
        send(receiver, LINK, source="127.0.0.2")
        send(receiver, LINK, b"", source="127.0.0.3")
        await counted(receiver, 4)
        assert [device for device, _ in heard] == ["r1", "r2"]
        assert receiver.counts == {Fate.HEARD: 2, Fate.UNKNOWN_SENDER: 2}
        assert receiver.stranger == "127.0.0.3"
        receiver.admit({"127.0.0.3": ("r3", SAID)})
        send(receiver, LINK)
        send(receiver, LINK, source="127.0.0.3")
        await counted(receiver, 6)
        assert [device for device, _ in heard] == ["r1", "r2", "r3"]

    run(story)


def test_a_firewall_that_logs_here_hides_no_message_of_its_router() -> None:
    async def story(receiver: SyslogReceiver, heard: list[tuple[str, Message]]) -> None:
        for turn in range(1, 11):
            send(receiver, *[DROPPED] * 100)
            await counted(receiver, 100 * turn)
        send(receiver, LINK)
        await counted(receiver, 1001)
        assert receiver.counts == {Fate.FIREWALL: 1000, Fate.HEARD: 1}
        assert heard[0][1].text.startswith("%LINK-3-UPDOWN")

    run(story)


def test_a_loud_router_is_cut_and_the_others_are_not() -> None:
    async def story(receiver: SyslogReceiver, heard: list[tuple[str, Message]]) -> None:
        sent = int(2 * BURST)
        for turn in range(1, 11):
            send(receiver, *[b"<190>1: %ANY-6-WORDS: of no weight"] * (sent // 10), source="127.0.0.2")
            await counted(receiver, sent // 10 * turn)
        send(receiver, LINK)
        await counted(receiver, sent + 1)
        assert receiver.counts[Fate.TOO_MANY] > 0
        assert receiver.loudest == "r2"
        assert [device for device, _ in heard][-1] == "r1"
        assert len(heard) < sent

    run(story)


def test_a_reload_gives_nobody_a_new_allowance() -> None:
    receiver = SyslogReceiver("127.0.0.1", 0, lambda *_: None)
    receiver.admit({"192.0.2.1": ("r1", SAID), "192.0.2.2": ("r2", SAID)})
    before = dict(receiver._senders)
    receiver.admit({"192.0.2.1": ("r1", SAID), "192.0.2.2": ("r9", SAID)})
    assert receiver._senders["192.0.2.1"] is before["192.0.2.1"]
    assert receiver._senders["192.0.2.2"].device == "r9"


@pytest.mark.parametrize(
    "datagram", [b"", b"<189", b"\xff" * 9000, b"<189>" + b"\0" * 65_000], ids=["empty", "cut", "noise", "huge"]
)
def test_huge_and_truncated_datagrams_do_no_harm(datagram: bytes) -> None:
    async def story(receiver: SyslogReceiver, heard: list[tuple[str, Message]]) -> None:
        send(receiver, datagram, LINK)
        await counted(receiver, 2)
        assert heard[-1][1].text.startswith("%LINK")

    run(story)


def test_a_place_that_is_taken_is_told() -> None:
    async def story() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            with pytest.raises(SocketUnavailable, match=f"cannot receive syslog messages on 127.0.0.1:{port}"):
                async with SyslogReceiver("127.0.0.1", port, lambda *_: None):
                    pass

    asyncio.run(story())
