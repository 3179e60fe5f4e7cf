"""Packet filters as zones, keepalived as standby groups, classes of tc, logs and logins; and lines that are unread."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_templates.errors import NotParsable
from device_templates.linux_frr.reading.document import Document, File, parse, write
from device_templates.linux_frr.reading.parser import read_model
from device_templates.model import LogHost, Match, RouterModel, Rule, Selection, Track, ZonePair

GOLDEN = Path(__file__).parents[3] / "golden" / "linux_frr"
TEXTS = {f"{path.parts[-3]}-{path.stem}": path.read_text() for path in sorted(GOLDEN.glob("*/expected/*.doc"))}
LONDON, LEEDS = "options-acme-lon-r1", "options-acme-lee-r1"


@lru_cache(maxsize=8)
def _model(name: str) -> RouterModel:
    return read_model(TEXTS[name])


def _pair(name: str, source: str, destination: str) -> ZonePair:
    (found,) = (one for one in _model(name).zone_pairs if (one.source, one.destination) == (source, destination))
    return found


@pytest.mark.parametrize("name", TEXTS)
def test_of_what_we_render_nothing_is_unread(name: str) -> None:
    assert _model(name).unread == ()
    assert _model(name).lines > 200


@pytest.mark.parametrize("name", TEXTS)
def test_lines_are_those_of_the_document(name: str) -> None:
    model, lines = _model(name), TEXTS[name].split("\n")
    (first, *_) = model.routes
    assert lines[first.at.line - 1].startswith(("gateway =", "networks =", "ip route"))
    tunnels = [tunnel for _, tunnel in model.tunnels()]
    assert all(re.match(r"key = \d+", lines[one.at.of("key") - 1]) for one in tunnels)
    rules = [rule for pair in model.zone_pairs for rule in pair.rules]
    assert all(re.search(r"accept|drop|jump", lines[rule.at.line - 1]) for rule in rules)
    assert all("permit" in lines[entry.at.line - 1] for one in model.prefix_lists for entry in one.entries)


def test_guests_may_go_out_and_nowhere_else() -> None:
    out, back = _pair(LONDON, "vlan50", "eth0"), _pair(LONDON, "eth0", "vlan50")
    assert [(one.action, one.log) for one in out.rules] == [("drop", True), ("inspect", True), ("drop", True)]
    (way,) = out.rules[1].selection.ways
    assert way[0][0].match.sources == (IPv4Network("192.168.50.0/24"),)
    assert {one.action for one in back.rules} == {"drop"}
    assert {one.action for one in _pair(LONDON, "vlan50", "ibo10-fd").rules} == {"drop"}


def test_what_is_let_back_is_inspected_and_what_goes_both_ways_passes() -> None:
    assert {one.action for one in _pair(LONDON, "vlan10", "ibo10").rules} == {"drop", "inspect"}
    assert {one.action for one in _pair(LONDON, "vlan10", "gre10").rules} == {"pass"}


def test_chains_before_the_last_drop_first() -> None:
    (offloaded, tracked, passed) = _pair(LEEDS, "vlan10", "vlan10").rules
    assert (offloaded.action, tracked.action, passed.action) == ("drop", "drop", "pass")
    match = Match((6,), (), (IPv4Network("10.10.1.0/24"),), (), ((873, 873),))
    assert offloaded.selection == Selection((((Rule(True, match),),),))
    assert [one.action for one in _pair(LEEDS, "vlan10", "gre10").rules] == ["drop", "pass"]


def test_the_router_itself() -> None:
    rules = _pair(LONDON, "mgmt0", "self").rules
    assert [way[0][0].match.destination_ports for one in rules for way in one.selection.ways] == [
        ((22, 22),), (), ((161, 161),),
    ]  # fmt: skip


def test_a_group_with_its_scripts() -> None:
    model = _model(LEEDS)
    found = model.interface("vlan10")
    assert found is not None
    (group,) = found.standbys
    assert (group.group, group.virtual, group.priority, group.version, group.preempt) == (
        10, IPv4Address("10.10.2.1"), 150, 3, True,
    )  # fmt: skip
    assert [one.decrement for one in group.tracks] == [60, 60]
    tracks = {one.number: one for one in model.tracks}
    opposite, hubs = (tracks[one.track] for one in group.tracks)
    ((leads, negated),) = opposite.members
    assert (opposite.kind, negated) == ("all", True)
    assert _asked(model, tracks[leads]) == [("10.10.99.1", "10.10.2.3", "corporate")]
    assert _asked(model, hubs) == [("10.255.8.1", "gre10", "corporate")]


def test_a_script_of_several_pings_succeeds_by_any_of_them() -> None:
    ping = "/usr/bin/ping -n -q -c 1 -W 1 -I gre10 10.255.8."
    model = read_model(_with(LEEDS, f"{ping}1'", f"{ping}1 || {ping}9'"))
    found = model.interface("vlan10")
    assert found is not None
    hubs = next(one for one in model.tracks if one.number == found.standbys[0].tracks[1].track)
    assert [target for target, _, _ in _asked(model, hubs)] == ["10.255.8.1", "10.255.8.9"]
    strange = read_model(_with(LEEDS, f"{ping}1'", f"{ping}1 && {ping}9'"))
    assert len(strange.probes) == len(model.probes) - 2


def _asked(model: RouterModel, track: Track) -> list[tuple[str, str, str]]:
    """Target, source and namespace of what any of has to answer for a track to be up."""
    tracks, probes = {one.number: one for one in model.tracks}, {one.number: one for one in model.probes}
    assert track.kind == "any"
    found = [probes[tracks[number].probe or 0] for number, negated in track.members if not negated]
    return [(str(one.target), one.source, one.vrf) for one in found]


def test_classes_of_the_access() -> None:
    outer, inner = _model(LONDON).policies
    assert [(one.shape_bps, one.child) for one in outer.classes] == [(100_000_000, inner.name)]
    voice = next(one for one in inner.classes if one.name == "1:10")
    rest = next(one for one in inner.classes if one.rest)
    assert (voice.priority_percent, rest.bandwidth_percent, rest.name) == (20, 30, "1:3")
    assert {dscp for way in voice.selection.ways for dscp in way[0][0].match.dscp} >= {46, 40}


def test_firewall_messages_go_to_the_customer_alone() -> None:
    assert _model(LONDON).logs_drops is True
    assert _model(LONDON).log_hosts == (
        LogHost(IPv4Address("10.10.1.60"), "corporate", True, False),
        LogHost(IPv4Address("10.254.255.20"), "", False, True),
        LogHost(IPv4Address("10.254.255.21"), "", False, True),
    )


def test_who_may_log_in() -> None:
    model = _model(LONDON)
    (terminal,) = model.terminals
    found = model.access_list(terminal.access)
    assert found is not None
    assert [one.match.sources for one in found.rules] == [(IPv4Network("10.254.255.0/24"), IPv4Network("192.0.2.0/28"))]


def _with(name: str, before: str, after: str) -> str:
    files = parse(TEXTS[name]).files
    assert any(before in file.content for file in files)
    return write(Document(tuple(File(file.path, file.content.replace(before, after)) for file in files)))


STRANGE = [
    ('    oifname "ibo10" masquerade\n', '    oifname "ibo10" snat to 192.0.2.1\n'),
    ("ClientAliveCountMax 3\n", "PermitTunnel yes\n"),
    (" ip nhrp redirect\n", " ip nhrp frobnicate\n"),
    ("authtrapenable 1\n", "proxy -v 1 -c public 192.0.2.1 .1\n"),
    ("ttl = 64\n", "frobnicate = 64\n"),
]


@pytest.mark.parametrize(("before", "after"), STRANGE)
def test_a_strange_line_is_listed_with_its_number(before: str, after: str) -> None:
    text = _with(LONDON, before, after)
    unread = read_model(text).unread
    assert unread
    assert all(" ".join(after.split()).split(" ")[0].strip('"') in text.split("\n")[one.number - 1] for one in unread)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25, deadline=None)
@given(st.data())
def test_mutated_files_raise_nothing(data: st.DataObject) -> None:
    files = parse(TEXTS[LEEDS]).files
    place = data.draw(st.integers(0, len(files) - 1))
    lines = files[place].content.split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    words = lines[at].split(" ")
    words[data.draw(st.integers(0, len(words) - 1))] = data.draw(
        st.sampled_from(["", "x", "-1", "{ }", "1-0", "drop", '"', "ip saddr"])
    )
    lines[at] = " ".join(words)
    changed = [File(one.path, "\n".join(lines) if number == place else one.content) for number, one in enumerate(files)]
    with suppress(NotParsable):
        read_model(write(Document(tuple(changed))))
