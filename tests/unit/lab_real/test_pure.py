"""The parts of the lab of real routers that only compute: what packets are, what is planned, what is refused."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from agent.lab.errors import LabError
from agent.lab.real.centre import centre_files
from agent.lab.real.hot import entries, hot_files
from agent.lab.real.initramfs import _archive
from agent.lab.real.inside.capture import kind_of
from agent.lab.real.plan import Link, build_plan
from agent.lab.real.seen import Reply, Seen, read_ping
from agent.lab.real.topology import Centre, Host, Router, Topology

HUB = Router("hub", "198.51.100.10/29", "198.51.100.9", (Host("pc", "eth2", "10.1.1.10/24", "10.1.1.1"),), serial="S1")
LINK = Link("169.254.240.1", "169.254.240.2")


def packet(protocol: int, payload: bytes = b"", offset: int = 0, words: int = 5) -> bytes:
    """An IPv4 packet with a header of ``words`` words."""
    header = struct.pack("!BBHHHBBH4s4s", 0x40 | words, 0, 0, 0, offset, 64, protocol, 0, bytes(4), bytes(4))
    return header + bytes(4 * (words - 5)) + payload


def ports(source: int, destination: int, rest: bytes = b"") -> bytes:
    """A transport header from one port to another."""
    return struct.pack("!HHHH", source, destination, 8 + len(rest), 0) + rest


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (packet(50), "ESP"),
        (packet(47), "GRE"),
        (packet(1), "ICMP"),
        (packet(89), "protocol 89"),
        (packet(17, ports(500, 500)), "IKE"),
        (packet(17, ports(4500, 4500, bytes(4) + b"ike")), "IKE"),
        (packet(17, ports(4500, 4500, b"\0\0\1\1esp")), "ESP"),
        (packet(17, ports(33000, 53)), "UDP 53"),
        (packet(6, ports(33000, 179), words=8), "TCP 179"),
        (packet(17, ports(500, 500), offset=185), "UDP fragment"),
        (packet(6, b"\1"), "TCP fragment"),
    ],
)
def test_packets_are_told_apart(seen: bytes, kind: str) -> None:
    assert kind_of(seen) == kind


def test_counts_are_summed_between_addresses_by_kind() -> None:
    seen = Seen()
    seen.fill({"counts": [["a", "b", "ESP", 2, 200], ["b", "a", "ESP", 1, 90], ["a", "c", "IKE", 4, 50]], "lost": 0})
    assert seen.between("a", "b") == {"ESP": 3}
    assert seen.kinds() == {"ESP": 3, "IKE": 4}
    assert [line.split() for line in seen.table().splitlines()][3] == ["a", "c", "IKE", "4", "50"]


def test_a_ping_is_read_with_its_losses_in_place() -> None:
    said = (
        "64 bytes from 10.0.0.1: icmp_seq=1 ttl=63 time=0.41 ms\n64 bytes from 10.0.0.1: icmp_seq=3 ttl=64 time=12 ms\n"
    )
    assert read_ping(said, 4) == [Reply(63, 0.41), None, Reply(64, 12.0), None]


def test_the_plan_gives_every_router_its_cables() -> None:
    plan = build_plan(Topology((HUB, replace(HUB, name="spoke", hosts=()))), LINK)
    assert [(cable.port, cable.to, cable.name) for cable in plan.cables if cable.box == "hub"] == [
        ("eth0", "internet", "w0"),
        ("eth1", "internet", "u0-1"),
        ("eth2", "pc", "eth0"),
        ("eth3", "internet", "u0-3"),
    ]
    assert plan.access_of("spoke") == "w1"
    assert plan.spaces == ("internet", "pc")
    assert [box.name for box in plan.boxes] == ["centre", "hub", "spoke"]
    assert json.loads(plan.boxes[1].files["etc/spokesman/identity.json"]) == {"serial": "S1", "model": "White box"}


@pytest.mark.parametrize(
    ("routers", "words"),
    [
        ((HUB, HUB), "hub, pc: each router and host needs its own name"),
        ((replace(HUB, name="centre"),), "centre: each router and host needs its own name"),
        ((replace(HUB, name="a name that is too long"),), "must be 1 to 15 letters, digits and hyphens"),
        ((replace(HUB, name="../hub"),), "must be 1 to 15 letters, digits and hyphens"),
        ((replace(HUB, gateway="198.51.100.17"),), "the gateway 198.51.100.17 is not in the network"),
        ((replace(HUB, ports=2),), "hub has no port eth2 for a host"),
    ],
)
def test_what_cannot_be_built_is_refused_with_its_reason(routers: tuple[Router, ...], words: str) -> None:
    with pytest.raises(LabError, match=words):
        Topology(routers)


def test_the_centre_has_one_connection_and_each_secret() -> None:
    files = centre_files(Centre(secrets={"": "for-all", "r1.example": "for-one"}, ntp_keys=("2 SHA256 ASCII:k",)))
    text = files["etc/swanctl/swanctl.conf"]
    assert text.count("remote_addrs = %any") == 1
    assert '    id = r1.example\n    secret = "for-one"\n' in text
    assert text.count("{") == text.count("}")
    assert files["etc/chrony/chrony.keys"] == "2 SHA256 ASCII:k\n"
    assert "for-all" not in repr(Centre(secrets={"": "for-all"}))


def test_the_archive_is_one_that_the_kernel_unpacks() -> None:
    archive = _archive([("bin", 0o040755, b""), ("bin/x", 0o100755, b"abc")])
    names, at = [], 0
    while at < len(archive):
        assert archive[at : at + 6] == b"070701"
        fields = [int(archive[at + 6 + 8 * index : at + 14 + 8 * index], 16) for index in range(13)]
        name = archive[at + 110 : at + 110 + fields[11] - 1].decode()
        start = at + (110 + fields[11] + 3) // 4 * 4
        names.append((name, fields[1], archive[start : start + fields[6]]))
        at = start + (fields[6] + 3) // 4 * 4
    assert names == [("bin", 0o040755, b""), ("bin/x", 0o100755, b"abc"), ("TRAILER!!!", 0, b"")]


def test_what_is_often_opened_keeps_its_folders_modes_and_links(tmp_path: Path) -> None:
    library = tmp_path / "usr/lib/ipsec"
    library.mkdir(parents=True)
    (library / "libcharon.so.0.0.0").write_bytes(b"library")
    (library / "libcharon.so.0.0.0").chmod(0o640)
    (library / "libcharon.so.0").symlink_to("libcharon.so.0.0.0")
    (tmp_path / "usr/share").mkdir()
    (tmp_path / "usr/share/often.never").write_bytes(b"opened")
    files = hot_files(tmp_path)
    assert files == [Path("usr/lib/ipsec/libcharon.so.0"), Path("usr/lib/ipsec/libcharon.so.0.0.0")]
    assert [(name, oct(mode), content) for name, mode, content in entries(files, "hot", tmp_path)] == [
        *((f"hot/{folder}", "0o40755", b"") for folder in ("usr", "usr/lib", "usr/lib/ipsec")),
        ("hot/usr/lib/ipsec/libcharon.so.0", "0o120777", b"libcharon.so.0.0.0"),
        ("hot/usr/lib/ipsec/libcharon.so.0.0.0", "0o100640", b"library"),
    ]
