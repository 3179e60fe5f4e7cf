"""What the receiver takes from net-snmp's own tools, and what it refuses."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest

from collectors.errors import SocketUnavailable
from collectors.hearing.listener import DRAIN
from collectors.traps import Refusal, TrapKind, TrapReceiver
from collectors.traps.sender import BURST, JUDGED_BURST, JUDGED_PER_SECOND
from tests.unit.traps.conftest import COMMUNITY, IF_INDEX_7, LINK_DOWN, USER, Post
from tests.unit.traps.test_judge import v2c_trap

ENGINE = ("-e", "0x8000000001020304")
SEALED: tuple[str, ...] = ("-v3", "-l", "authPriv", "-u", "monitor", "-a", "SHA-256", "-A", "auth-secret-1")
SEALED += ("-x", "AES", "-X", "priv-secret-1")
TRAP = ("PORT", "", LINK_DOWN, *IF_INDEX_7)
OURS = ("-c", "a-community")


@pytest.mark.parametrize(
    ("credentials", "tool", "words"),
    [
        pytest.param(USER, "snmptrap", (*SEALED, *ENGINE, *TRAP), id="v3 trap"),
        pytest.param(USER, "snmpinform", (*SEALED, *TRAP), id="v3 inform"),
        pytest.param(USER, "snmpinform", ("-Z", "5,5", *SEALED, *TRAP), id="v3 inform with our clock wrong"),
        pytest.param(COMMUNITY, "snmptrap", ("-v2c", *OURS, *TRAP), id="v2c trap"),
        pytest.param(COMMUNITY, "snmpinform", ("-v2c", *OURS, *TRAP), id="v2c inform"),
        pytest.param(
            COMMUNITY, "snmptrap",
            ("-v1", *OURS, "PORT", "1.3.6.1.4.1.8072.3.2.10", "203.0.113.9", "2", "0", "", *IF_INDEX_7), id="v1 trap",
        ),
    ],
)  # fmt: skip
def test_a_trap_of_a_known_router_is_heard(post: Any, credentials: Any, tool: str, words: tuple[str, ...]) -> None:
    async def story(one: Post) -> None:
        # An inform ends only when it was confirmed; what waits for a busy machine is no fault.
        assert await one.send(tool, "-t", "30", *words) == 0
        await one.counted("linkDown")

    ((device, found),) = post(credentials, story)
    assert (device, found.kind, found.interface) == ("r1", TrapKind.LINK_DOWN, 7)


def test_another_trap_is_heard_as_another(post: Any) -> None:
    async def story(one: Post) -> None:
        await one.send("snmptrap", "-v1", *OURS, "PORT", "1.3.6.1.4.1.9", "203.0.113.9", "6", "99", "")
        await one.counted("other")

    ((_, found),) = post(COMMUNITY, story)
    assert (found.trap, found.interface) == ((1, 3, 6, 1, 4, 1, 9, 0, 99), None)


def changed(words: tuple[str, ...], before: str, after: str) -> tuple[str, ...]:
    return tuple(after if word == before else word for word in words)


@pytest.mark.parametrize(
    ("credentials", "words", "why"),
    [
        pytest.param(USER, ("-v3", "-l", "noAuthNoPriv", "-u", "monitor"), "not_authentic", id="only a name"),
        pytest.param(USER, changed(SEALED, "authPriv", "authNoPriv"), "not_authentic", id="not encrypted"),
        pytest.param(USER, changed(SEALED, "monitor", "other"), "not_authentic", id="another user"),
        pytest.param(USER, changed(SEALED, "auth-secret-1", "auth-secret-2"), "not_authentic", id="another password"),
        pytest.param(USER, changed(SEALED, "priv-secret-1", "priv-secret-2"), "malformed", id="another cipher key"),
        pytest.param(USER, ("-v2c", *OURS), "not_authentic", id="a community where there is a user"),
        pytest.param(COMMUNITY, ("-v2c", "-c", "public"), "not_authentic", id="another community"),
        pytest.param(COMMUNITY, SEALED, "not_authentic", id="a user where there is a community"),
    ],
)
def test_what_is_not_proved_is_refused(post: Any, credentials: Any, words: tuple[str, ...], why: str) -> None:
    engine = ENGINE if "-v3" in words else ()

    async def story(one: Post) -> None:
        await one.send("snmptrap", *words, *engine, *TRAP)
        await one.counted(why)

    assert post(credentials, story) == []


def test_an_old_trap_is_not_believed_again(post: Any) -> None:
    async def story(one: Post) -> None:
        for boots_and_time in ("7,5000", "7,4000", "6,9000"):
            await one.send("snmptrap", "-Z", boots_and_time, *SEALED, *ENGINE, *TRAP)
        await one.counted("not_in_time", 2)

    assert len(post(USER, story)) == 1


def test_what_a_poll_told_of_the_engine_is_what_traps_are_judged_by(post: Any) -> None:
    async def story(one: Post) -> None:
        one.receiver.learn("r1", bytes.fromhex("8000000001020304"), 9, 100)
        await one.send("snmptrap", "-Z", "8,5000", *SEALED, *ENGINE, *TRAP)
        await one.counted("not_in_time")
        one.receiver.learn("r1", bytes.fromhex("8000000001020304"), 2, 10)  # its memory was lost
        await one.send("snmptrap", "-Z", "2,30", *SEALED, *ENGINE, *TRAP)
        await one.counted("linkDown")

    assert len(post(USER, story)) == 1


def test_an_inform_under_a_wrong_password_is_not_confirmed(post: Any) -> None:
    async def story(one: Post) -> None:
        words = changed(SEALED, "auth-secret-1", "auth-secret-2")
        assert await one.send("snmpinform", *words, *TRAP) != 0
        await one.counted("not_authentic")

    assert post(USER, story) == []


def test_who_is_not_in_the_inventory_is_not_answered(post: Any) -> None:
    async def story(one: Post) -> None:
        one.receiver.admit({"192.0.2.1": ("r1", COMMUNITY)})
        assert await one.send("snmpinform", "-v2c", *OURS, *TRAP) != 0
        await one.counted("unknown_sender")

    assert post(COMMUNITY, story) == []


def flood(port: int, number: int, datagram: bytes, source: str = "127.0.0.1") -> None:
    """So many datagrams at once from one address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        for _ in range(number):
            sender.sendto(datagram, ("127.0.0.1", port))


LINK_DOWN_V2C = v2c_trap((1, 3, 6, 1, 6, 3, 1, 1, 5, 3))
FORGED = v2c_trap((1, 3, 6, 1, 6, 3, 1, 1, 5, 3), b"public")


def test_a_flood_is_bounded_and_every_datagram_of_it_counted(post: Any) -> None:
    number = int(3 * JUDGED_BURST)

    async def story(one: Post) -> None:
        began = time.monotonic()
        flood(one.receiver.port, number // 2, b"\x30\x82noise")
        await asyncio.sleep(0)
        flood(one.receiver.port, number // 2, b"\x30\x82noise")
        async with asyncio.timeout(20):
            while one.receiver.counts.total() + one.receiver.lost < number:
                await asyncio.sleep(0.01)
        read = one.receiver.counts[Refusal.MALFORMED]
        assert JUDGED_BURST <= read <= JUDGED_BURST + (time.monotonic() - began) * JUDGED_PER_SECOND + 1
        assert one.receiver.counts[Refusal.TOO_MANY] == number - read - one.receiver.lost
        assert one.receiver.loudest == "r1"

    post(COMMUNITY, story)


def test_what_comes_faster_than_it_is_read_is_counted_as_lost(post: Any) -> None:
    async def story(one: Post) -> None:
        number = 20_000
        flood(one.receiver.port, number, b"noise")  # nobody reads meanwhile: the loop is here
        async with asyncio.timeout(20):
            while one.receiver.counts.total() + one.receiver.lost < number:
                await asyncio.sleep(0.01)
        assert one.receiver.lost > 0

    post(COMMUNITY, story)


def test_a_flood_of_one_source_holds_nobody_else_up(post: Any) -> None:
    async def story(one: Post) -> None:
        one.receiver.admit({"127.0.0.1": ("r1", COMMUNITY), "127.0.0.2": ("r2", COMMUNITY)})
        turns = 0
        for _ in range(5):
            flood(one.receiver.port, 150, b"noise", "127.0.0.2")
            flood(one.receiver.port, 150, b"noise", "127.0.0.3")
            flood(one.receiver.port, 1, LINK_DOWN_V2C)
            before = one.receiver.counts.total() + one.receiver.lost
            async with asyncio.timeout(20):
                while one.receiver.counts.total() + one.receiver.lost < before + 301:
                    turns += 1
                    await asyncio.sleep(0)
        assert turns >= 5 * 300 // DRAIN, "other work had its turns"
        assert (one.receiver.lost, len(one.heard)) == (0, 5)
        assert one.receiver.stranger == "127.0.0.3"

    assert {device for device, _ in post(COMMUNITY, story)} == {"r1"}


def test_who_forges_a_routers_address_cannot_silence_it(post: Any) -> None:
    async def story(one: Post) -> None:
        flood(one.receiver.port, int(JUDGED_BURST) - 10, FORGED)
        flood(one.receiver.port, 1, LINK_DOWN_V2C)
        await one.counted("linkDown")
        assert one.receiver.counts[Refusal.NOT_AUTHENTIC] == JUDGED_BURST - 10

    assert len(post(COMMUNITY, story)) == 1


def test_a_router_may_send_so_many_traps(post: Any) -> None:
    async def story(one: Post) -> None:
        flood(one.receiver.port, int(BURST) + 20, LINK_DOWN_V2C)
        await one.counted("too_many", 10)

    assert BURST <= len(post(COMMUNITY, story)) <= BURST + 10


@pytest.mark.parametrize(
    "datagram",
    [
        pytest.param(b"", id="empty"),
        pytest.param(LINK_DOWN_V2C[:-1], id="cut short"),
        pytest.param(LINK_DOWN_V2C + b"\0", id="with more behind"),
        pytest.param(b"\x30\x84" + b"\xff" * 60_000, id="huge"),
    ],
)
def test_huge_and_truncated_datagrams_are_malformed(post: Any, datagram: bytes) -> None:
    async def story(one: Post) -> None:
        flood(one.receiver.port, 1, datagram)
        await one.counted("malformed")

    assert post(COMMUNITY, story) == []


def test_a_place_that_is_taken_is_told() -> None:
    async def run() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            with pytest.raises(SocketUnavailable, match=f"cannot receive traps on 127.0.0.1:{port}"):
                async with TrapReceiver("127.0.0.1", port, "a test", lambda *_: None):
                    pass

    asyncio.run(run())
