"""What ``python -m agent.lab.ping`` prints: the lines of iputils, character by character."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.lab.ping import main, report


def test_some_came_back() -> None:
    assert report("127.254.0.2", [12.4, None, 0.51], 0.2) == [
        "PING 127.254.0.2 (127.254.0.2) 56(84) bytes of data.",
        "64 bytes from 127.254.0.2: icmp_seq=1 ttl=254 time=12.4 ms",
        "64 bytes from 127.254.0.2: icmp_seq=3 ttl=254 time=0.510 ms",
        "",
        "--- 127.254.0.2 ping statistics ---",
        "3 packets transmitted, 2 received, 33.3333% packet loss, time 400ms",
        "rtt min/avg/max/mdev = 0.510/6.455/12.400/5.945 ms",
    ]


def test_nothing_came_back() -> None:
    assert report("127.254.0.2", [None] * 5, 1.0) == [
        "PING 127.254.0.2 (127.254.0.2) 56(84) bytes of data.",
        "",
        "--- 127.254.0.2 ping statistics ---",
        "5 packets transmitted, 0 received, 100% packet loss, time 4000ms",
        "",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.invalid"], "ping: nowhere.invalid: Name or service not known"),
        (["-c", "0", "127.0.0.1"], "out of range: 1 <= value <= 1000"),
        (["127.0.0.1"], "there is no lab here"),
    ],
)
def test_errors_end_with_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["--lab", str(tmp_path / "none"), *arguments]) == 2
    assert said in capsys.readouterr().err
