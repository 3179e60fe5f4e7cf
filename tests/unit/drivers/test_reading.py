"""What router answers mean, without a router."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.checks import printable
from agent.drivers.ios import reading

SHOWN = "Building configuration...\n\nCurrent configuration : {size} bytes\n{text}"


def test_headers_are_no_part_of_a_configuration() -> None:
    text = "!\nhostname a\nend\n"
    shown = reading.configuration(SHOWN.format(size=len(text), text=text))
    assert (shown.text, shown.stated) == (text, len(text))
    saved = reading.configuration(f"Using 2345 out of 33554432 bytes\n{text}")
    assert (saved.text, saved.stated) == (text, None)
    squeezed = "Using 23 out of 33554432 bytes\nUncompressed configuration from 23 bytes to 90 bytes\n"
    assert reading.configuration(squeezed + text).text == text
    clocked = "Load for five secs: 1%/0%; one minute: 1%\nTime source is NTP, 10:00:00 UTC\n\n"
    assert reading.configuration(clocked + SHOWN.format(size=5, text=text)).text == text


@pytest.mark.parametrize(("stated", "fits"), [(None, True), (1000, True), (1020, True), (1065, False), (40_000, False)])
def test_a_size_far_from_the_stated_one_is_a_fault(stated: int | None, fits: bool) -> None:
    assert (reading.size_fault(reading.Shown("x" * 1000, stated)) == "") is fits


@pytest.mark.parametrize(
    ("output", "whole"),
    [
        ("ntp server a\nend\n\nacme-lee-r1#", True),
        ("ntp server a\nend\nacme-lee-r1#  ", True),
        ("banner\nacme-lee-r1#", False),
        ("banner end\nacme-lee-r1#", False),
        ("end\nother-r1#", False),
        ("ntp server a\nend\n", False),
        ("", False),
    ],
)
def test_the_end_of_a_configuration_is_its_end_line_and_our_prompt(output: str, whole: bool) -> None:
    assert reading.ends_whole(output, "acme-lee-r1") is whole


@pytest.mark.parametrize(
    "line",
    [
        "% Invalid input detected at '^' marker.",
        "% Incomplete command.",
        '% Ambiguous command:  "sh"',
        "% Authorization failed.",
        "%Error opening flash:/x (No such file or directory)",
        "Rollback aborted after 5 passes",
    ],
)
def test_every_way_to_say_no_is_heard(line: str) -> None:
    assert reading.REJECTION.search(f"some line\n{line}\n")
    assert line in reading.rejection(f"ip foo\n      ^\n{line}\n")


@pytest.mark.parametrize(
    "line", ["Success rate is 100 percent (5/5)", "% 5 minute rate", "description % Invalid input"]
)
def test_an_ordinary_line_is_no_refusal(line: str) -> None:
    assert reading.rejection(f"{line}\n") == ""


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("Success rate is 80 percent (4/5), round-trip min/avg/max = 1/2/4 ms", (5, 4, 2.0)),
        ("Success rate is 0 percent (0/5)", (5, 0, None)),
        (f"Success rate is 100 percent (5/5), round-trip min/avg/max = 1/{'9' * 400}/4 ms", (5, 5, None)),
    ],
)
def test_pings_are_counted(output: str, expected: tuple[int, int, float | None]) -> None:
    result = reading.ping_result(f"Type escape sequence to abort.\n.!!!!\n{output}\n")
    assert (result.sent, result.received, result.average_ms) == expected


@pytest.mark.parametrize("counts", ["9/5", f"1/{'9' * 5000}"])
def test_pings_that_cannot_be_counted_are_refused(counts: str) -> None:
    with pytest.raises(ValueError, match=r"success rate|9 of 5"):
        reading.ping_result(f"Success rate is 100 percent ({counts})\n")


@pytest.mark.parametrize(
    "command",
    [
        "reload",
        "configure terminal",
        "sh version",
        "show version\nreload",
        "show version\rreload",
        "show version\n",
        "show running-config | redirect flash:x",
        "show running-config | append flash:x",
        "show running-config | tee flash:x",
        "show running-config | r flash:x",
        "show running-config |",
        "show version | include x | redirect flash:x",
        "show version > flash:x",
        "show ?",
        "show",
        "show ",
        "",
        "show " + "x" * 300,
        " show version",
        "show vers\x00ion",
        "show versión",
    ],
)
def test_what_is_not_one_show_line_may_not_be_sent(command: str) -> None:
    assert not reading.may_show(command)


@pytest.mark.parametrize(
    "command",
    ["show version", "show running-config | include ^ntp", "show dmvpn | count UP", "show ip route vrf A | s 10.0"],
)
def test_show_lines_may_be_sent(command: str) -> None:
    assert reading.may_show(command)


@pytest.mark.parametrize(
    ("address", "vrf", "source", "count"),
    [
        ("10.0.0.1 repeat 9999", "", "", 5),
        ("x", "", "", 5),
        ("10.0.0.1", "A B", "", 5),
        ("10.0.0.1", "", "Vlan10\nreload", 5),
        ("10.0.0.1", "", "", 0),
        ("10.0.0.1", "", "", 101),
    ],
)
def test_a_ping_takes_only_what_it_should(address: str, vrf: str, source: str, count: int) -> None:
    with pytest.raises(ValueError, match=r"is not|packets"):
        reading.ping_command(address, vrf, source, count)


def test_files_and_space_on_flash() -> None:
    listing = (
        "Directory of flash:/\n\n   12  -rw-   1234  Nov 21 2026 10:00:00 +00:00  spokesman-candidate.cfg\n"
        "   13  -rw-   99  Nov 21 2026 10:00:00 +00:00  packages.conf\n\n"
        "7897796608 bytes total (5410967552 bytes free)\n"
    )
    assert reading.free_bytes(listing) == 5_410_967_552
    assert reading.listed_files(listing, "spokesman-") == ("spokesman-candidate.cfg",)
    with pytest.raises(ValueError, match="free space"):
        reading.free_bytes("%Error opening flash:/")


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("Total number of passes: 1\nRollback Done\n", ""),
        (
            "Rollback aborted after 5 passes\nThe following commands are failed to apply to the IOS image.\n"
            "********\nip foo\n bar baz\n********\n",
            "ip foo / bar baz",
        ),
        (
            "Failed to apply command ip foo\nAborting Rollback.\n\nRollback Done\n\n"
            "The original configuration has been successfully restored.\n",
            "ip foo",
        ),
        ("Rollback aborted after 5 passes\n", "Rollback aborted after 5 passes"),
        ("%Error: flash:/x is not a valid config file\n", "%Error: flash:/x is not a valid config file"),
    ],
)
def test_a_replace_that_failed_names_the_lines(output: str, why: str) -> None:
    assert reading.replace_failure(output) == why


@pytest.mark.parametrize(
    ("auth", "priv", "said"),
    [
        ("SHA", "AES128", "sha, aes128"),
        ("SHA-256", "AES256", "sha256, aes256"),
        ("SHA-2 512", "AES192", "sha512, aes192"),
        ("SHA2-384", "AES128", "sha384, aes128"),
        ("MD5", "3DES", "md5, 3des"),
        ("MD5", "DES", "md5, des"),
        ("None", "None", "none, none"),
    ],
)
def test_an_snmp_user_is_told_with_what_protects_it(auth: str, priv: str, said: str) -> None:
    shown = (
        "\r\nUser name: nms\r\nEngine ID: 800000090300002790FBCF00\r\nstorage-type: nonvolatile\t active\r\n"
        f"Authentication Protocol: {auth}\r\nPrivacy Protocol: {priv}\r\nGroup-name: OPS\r\n\r\nUser name: bare\r\n"
    )
    assert reading.snmp_users(shown) == {f"nms ({said})", "bare (none, none)"}


READERS: tuple[Callable[[str], Any], ...] = (
    reading.configuration,
    reading.facts,
    reading.ping_result,
    reading.snmp_users,
    lambda text: reading.asked_user(f"snmp-server user {text} x"),
    reading.free_bytes,
    reading.rejection,
    reading.replace_failure,
    printable,
    reading.without_prompt,
    lambda text: reading.listed_files(text, "spokesman-"),
    lambda text: reading.ends_whole(text, "acme-lee-r1"),
)
PIECES = st.sampled_from(
    [
        "\n",
        " ",
        "end",
        "acme-lee-r1#",
        "% Invalid",
        "failed to apply",
        "****",
        "cisco x (",
        "a uptime is 1 week, ",
        "\r",
        "\x00",
    ]
)


@pytest.mark.parametrize("read", READERS)
@given(text=st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_no_answer_does_more_than_not_being_understood(read: Callable[[str], Any], text: str) -> None:
    with suppress(ValueError):
        read(text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        " ",
        "\t\n",
        "a",
        "a#\n",
        "\na# ",
        "\nend",
        "\nend\n\n",
        "% ",
        "\n%",
        "failed to apply\n*\n",
        "cisco x (\n",
        "x uptime is ",
        "Success rate is 1 percent (1/1)= ",
        "(1 bytes free",
        "Building configuration...\n",
    ],
)
def test_no_answer_stops_the_process(read: Callable[[str], Any], piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    with suppress(ValueError):
        read(text)


def test_an_answer_is_printable_and_has_no_endless_line() -> None:
    assert printable("a\tb\x1b[2J\x07\x9b\r\n\u00fc") == "a\tb[2J\n\u00fc"
    assert printable("a" * 5000 + "\nb") == "a" * 2000 + "\nb"
