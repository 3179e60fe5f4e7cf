"""What is understood of syslog as routers send it, and what of it is urgent, by the table of each platform."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.errors import MalformedMessage
from collectors.syslog import parse
from collectors.syslog.message import READ_OCTETS
from device_templates import Telling, Topic, platform_text
from device_templates.messages import messages_of
from tests.unit.syslog.samples import FIREWALL, IOS, LINUX, SAMPLES, Sample


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_message_is_understood(sample: Sample) -> None:
    message, messages = parse(sample.datagram), platform_text(sample.platform).messages
    assert message.program == sample.program
    assert message.text.startswith(sample.begins)
    telling = messages.urgent(message.program, message.text)
    assert ("" if telling is None else str(telling)) == sample.tells
    assert not messages.firewall.search(sample.datagram)


@pytest.mark.parametrize("sample", FIREWALL, ids=str)
def test_what_a_firewall_says_of_packets_is_known(sample: Sample) -> None:
    assert platform_text(sample.platform).messages.firewall.search(sample.datagram)


@pytest.mark.parametrize("platform", [IOS, LINUX])
def test_every_row_of_a_platform_has_a_sample(platform: str) -> None:
    rows = {row for some in platform_text(platform).messages.rows.values() for row in some}
    parsed = [parse(one.datagram) for one in SAMPLES if one.platform == platform]
    unused = {row for row in rows if not any(row.read(one.program, one.text) for one in parsed)}
    assert [row.pattern.pattern for row in unused] == []


def test_one_maker_has_one_table() -> None:
    assert platform_text("cisco_ios").messages is platform_text(IOS).messages


@pytest.mark.parametrize(
    "datagram",
    [
        b"", b"no priority", b"<>text", b"<192>text", b"<007>text", b"<1", b"<-1>x", b"\xff" * 40, b"\0" * 40,
        b"<30>1 ", b"<30>1 2026-11-21T22:51:37Z host app", b"<30>1 2026-11-21T22:51:37Z h a - - [open",
        b"<30>1 x h a - - - ",
        b'<30>1 2026-11-21T22:51:37Z h a - - [x y="cut', b'<30>1 2026-11-21T22:51:37Z h a - - [x y="z"]glued',
    ],
)  # fmt: skip
def test_what_is_no_message_is_malformed(datagram: bytes) -> None:
    with pytest.raises(MalformedMessage):
        parse(datagram)


@given(st.binary(max_size=300))
def test_whatever_comes_becomes_printable_text_on_one_line(octets: bytes) -> None:
    message = parse(b"<30>" + octets.removeprefix(b"1 "))
    assert re.fullmatch(r"[ -~]*", message.program + message.text)


def test_control_characters_and_foreign_letters_are_replaced() -> None:
    assert parse(b"<30>Nov 21 22:51:37 r1 app: a\x1b[31mb\rc\xc3\xa9\0d\n").text == "a?[31mb?c???d"


def test_of_a_huge_datagram_the_beginning_is_read() -> None:
    message = parse(SAMPLES[0].datagram + b" x" * 30_000)
    assert len(message.text) < READ_OCTETS
    assert messages_of(IOS).urgent("", message.text) == Telling(Topic.LINK, "GigabitEthernet0/0/0", "down")


@pytest.mark.parametrize(
    "text",
    [
        "%LINK-3-UPDOWN: Interface <script>, changed state to down",
        "%LINK-3-UPDOWN: Interface " + "a" * 400 + ", changed state to down",
        "%LINK-3-UPDOWN: Interface $(reboot), changed state to down",
    ],
)
def test_what_is_no_name_is_not_repeated(text: str) -> None:
    assert str(messages_of(IOS).urgent("", text)) == "link down"


def test_a_program_speaks_for_itself_alone() -> None:
    assert messages_of(LINUX).urgent("sshd", "eth0: Link is Down") is None
