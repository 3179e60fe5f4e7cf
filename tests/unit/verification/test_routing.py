"""BGP as several routers have it: who opens sessions, what hubs tell hubs, how many neighbours are taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from agent.verification import Finding
from agent.verification.ground import Ground
from agent.verification.routing.prefixes import hubs_are_the_next_hop
from device_templates.cisco_iosxe.reading.parser import read_model
from device_templates.model import RouterModel
from inventory import Severity
from tests.unit.verification.cases import findings_after, golden_case
from tests.unit.verification.mistakes import LEEDS, LONDON
from tests.unit.verification.routes import BEYOND, SAME

OSLO, BERGEN = "gx-osl", "gx-ber"


def _without(neighbor: str) -> Callable[[str], str]:
    return lambda text: re.sub(rf"^ +neighbor {re.escape(neighbor)} .*\n", "", text, flags=re.MULTILINE)


def _two_hubs(*changes: tuple[str, Callable[[str], str]]) -> tuple[Finding, ...]:
    def change(texts: dict[str, str]) -> None:
        for router, edit in changes:
            assert edit(texts[router]) != texts[router]
            texts[router] = edit(texts[router])

    return findings_after("two_hubs", change)


@pytest.mark.parametrize(("router", "before", "after"), SAME)
def test_what_means_the_same_fits(router: str, before: str, after: str) -> None:
    def change(texts: dict[str, str]) -> None:
        assert before in texts[router]
        texts[router] = texts[router].replace(before, after)

    assert findings_after("two_vpns", change) == ()


@pytest.mark.parametrize(("before", "line", "worse"), BEYOND)
def test_a_line_that_no_proof_knows_is_said(before: str, line: str, worse: bool) -> None:
    def change(texts: dict[str, str]) -> None:
        assert before in texts[LEEDS]
        texts[LEEDS] = texts[LEEDS].replace(before, before + line)

    (finding,) = (one for one in findings_after("two_vpns", change) if one.check == "proofs-cover-everything")
    assert (finding.severity is Severity.ERROR, finding.rule) == (worse, "WV-3")
    (cited,) = finding.lines
    assert cited.router == LEEDS


def test_a_map_may_say_what_is_so_by_itself() -> None:
    named = "ip forward-protocol nd\n"
    said = "route-map M permit 10\n set ip next-hop 10.255.8.2\n set community 65010:1\n"
    neighbor = "  neighbor 10.255.8.1 activate\n"

    def change(texts: dict[str, str]) -> None:
        assert named in texts[LEEDS]
        mapped = f"{neighbor}  neighbor 10.255.8.1 route-map M out\n"
        texts[LEEDS] = texts[LEEDS].replace(neighbor, mapped).replace(named, f"{named}{said}")

    assert findings_after("two_vpns", change) == ()


def test_a_hub_may_wait_for_the_other_one_within_its_range() -> None:
    assert _two_hubs((OSLO, _without("10.200.0.2"))) == ()


def test_two_hubs_that_wait_for_each_other() -> None:
    findings = _two_hubs((OSLO, _without("10.200.0.2")), (BERGEN, _without("10.200.0.1")))
    (waiting,) = (one for one in findings if one.check == "sessions-are-known")
    assert set(waiting.routers) == {OSLO, BERGEN}
    assert "which waits as well" in waiting.message


def test_a_hub_that_is_told_a_summary_it_announces_itself() -> None:
    summary, members = "172.20.0.0 255.254.0.0", "ip prefix-list DATA-MEMBERS seq "
    lists = f"ip prefix-list DATA-TO-SPOKES seq 5 permit 172.20.0.0/15\n{members}1 permit 172.20.0.0/15\n{members}5 "

    def summarised(text: str) -> str:
        announced = text.replace("  network ", f"  network {summary.replace(' ', ' mask ')}\n  network ", 1)
        routed = announced.replace("\nip forward", f"\nip route vrf DATA {summary} Null0 254\nip forward", 1)
        return re.sub(r"ip prefix-list DATA-TO-SPOKES .*\n", "", routed).replace(f"{members}5 ", lists)

    both = ((OSLO, summarised), (BERGEN, summarised))
    shadowed = [one for one in _two_hubs(*both, (OSLO, _without("10.200.0.2"))) if "both announce" in one.message]
    assert [one.routers for one in shadowed] == [(OSLO, BERGEN)]
    assert not [one for one in _two_hubs(*both) if "both announce" in one.message]


def test_a_password_that_was_ordered_and_is_nowhere() -> None:
    def change(texts: dict[str, str]) -> None:
        for router, text in texts.items():
            texts[router] = re.sub(r"^ +neighbor \S+ password .*\n", "", text, flags=re.MULTILINE)

    findings = findings_after("two_vpns", change)
    assert {(one.check, one.rule) for one in findings} == {("passwords-agree", "WV-3")}
    assert all("was ordered, and is missing" in one.message for one in findings)


def test_next_hops_that_only_nhrp_could_route() -> None:
    inventory, texts = golden_case("two_vpns")
    wide = texts[LONDON].replace("TO-SPOKES seq 5 permit 10.10.0.0/16", "TO-SPOKES seq 5 permit 10.10.0.0/16 le 32")
    bare = wide.replace("  neighbor SPOKES-CORPORATE next-hop-self all\n", "")
    assert bare != wide != texts[LONDON]

    def found(london: str, *, hosts: bool) -> list[tuple[str, ...]]:
        models = {name: read_model(london if name == LONDON else text) for name, text in texts.items()}
        models = {name: _with_host_addresses(model) if hosts else model for name, model in models.items()}
        return [one.routers for one in hubs_are_the_next_hop(Ground(inventory, models))]

    assert found(bare, hosts=True) == [(LONDON, LEEDS)]
    assert found(wide, hosts=True) == found(bare, hosts=False) == []


def _with_host_addresses(model: RouterModel) -> RouterModel:
    """A router whose tunnels have addresses of hosts alone, so that NHRP gives the routes."""
    tunnels = {one.name: replace(one, tunnel=replace(tunnel, host_address=True)) for one, tunnel in model.tunnels()}
    return replace(model, interfaces=tuple(tunnels.get(one.name, one) for one in model.interfaces))
