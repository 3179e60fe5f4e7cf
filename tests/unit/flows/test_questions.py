"""Every question is silent on the golden configurations, and answers with a believable packet when a line is wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from agent.verification import Finding
from agent.verification.flows import QUESTIONS, what_packets_do
from agent.verification.ground import Ground
from agent.verification.packets import sets
from device_templates.cisco_iosxe.reading.parser import read_model
from inventory import Inventory, Severity
from inventory.loader import load_workspace
from tests.unit.flows.mistakes import LAST_ROUTE, LEEDS, LONDON, MISTAKES

GOLDEN = Path(__file__).parents[2] / "golden"


@lru_cache(maxsize=4)
def _case(name: str) -> tuple[Inventory, dict[str, str]]:
    inventory = load_workspace(GOLDEN / name / "workspace")
    texts = {path.stem: path.read_text() for path in (GOLDEN / name / "expected").glob("*.cfg")}
    return inventory, {name: text for name, text in texts.items() if name in inventory.router_names}


def _findings(case: str, router: str = "", text: str = "") -> list[Finding]:
    inventory, texts = _case(case)
    changed = {router: text} if router else texts
    return list(what_packets_do(Ground(inventory, {name: read_model(one) for name, one in changed.items()})))


def _changed(router: str, *changes: tuple[str, str], case: str = "options_iosxe") -> list[Finding]:
    text = _case(case)[1][router]
    for there, instead in changes:
        assert re.search(there, text, re.MULTILINE), there
        text = re.sub(there, instead, text, count=1, flags=re.MULTILINE)
    return _findings(case, router, text)


@pytest.mark.parametrize("case", ["two_vpns", "two_hubs", "certificates", "options_iosxe", "options_ios15"])
def test_what_was_ordered_is_what_packets_do(case: str) -> None:
    assert _findings(case) == []


@pytest.mark.parametrize(("question", "router", "there", "instead", "rule"), MISTAKES)
def test_a_wrong_line_is_found(question: str, router: str, there: str, instead: str, rule: str) -> None:
    case = "two_vpns" if router == "acme-yor-r1" else "options_iosxe"
    found = [one for one in _changed(router, (there, instead), case=case) if one.check == question]
    assert rule in {one.rule for one in found}
    for one in found:
        assert one.routers == (router,)
        assert one.remedy
        assert one.option == "" or one.option.startswith(("sites.", "management_centre."))
        assert not one.path or one.flow is not None
        assert not one.path or any(hop.lines for hop in one.path)


def test_every_question_has_a_mistake_that_it_finds() -> None:
    assert {name for name, _ in QUESTIONS} == {question for question, *_ in MISTAKES}
    assert all("[WV-" in (question.__doc__ or "") for _, question in QUESTIONS)


def test_offloaded_backups_that_would_go_to_the_internet() -> None:
    there = r" set interface Null0\n!\nroute-map OFFLOAD-CCTV"
    (finding,) = _changed(LEEDS, (there, "!\nroute-map OFFLOAD-CCTV"))
    lack = "which has no route for them then: nothing else stops them"
    assert finding.message == f"offloaded packets fall back to ordinary routing where no hub answers, {lack}"
    assert finding.path[-1].what.startswith("no route: it is dropped")
    assert finding.option == "sites.leeds.resilience.offload"
    assert finding.flow is not None
    assert (finding.flow.protocol, finding.flow.destination_port) == (6, 873)
    assert finding.flow.source in _case("options_iosxe")[0].router(LEEDS).site.lans["corporate"][0].address.network


def test_the_path_of_a_leak_says_which_lines_decide() -> None:
    there, instead = LAST_ROUTE, r"\1ip route vrf CCTV 10.10.1.0 255.255.255.0 Vlan10\n"
    text = re.sub(there, instead, _case("options_iosxe")[1][LONDON], count=1, flags=re.MULTILINE).splitlines()
    found = _changed(LONDON, (there, instead))
    finding = next(one for one in found if one.check == "routes-stay-apart")
    assert finding.flow is not None
    assert finding.flow.destination in (IPv4Address("10.10.1.10"), IPv4Address("10.10.1.50"))
    cited = {text[line.number - 1].strip() for hop in finding.path for line in hop.lines}
    assert "ip route vrf CCTV 10.10.1.0 255.255.255.0 Vlan10" in cited
    assert "vrf forwarding CCTV" in cited
    assert finding.path[-1].what == "no zone pair from CCTV to CORPORATE: it is dropped"


def test_a_router_that_is_not_fully_understood_is_not_called_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "MOST_BOXES", 2)
    found = _changed(LONDON, (r"^ match protocol dns\n", ""))
    assert found
    assert all(one.message.startswith("not proved: ") for one in found if "pieces" in one.message)
    assert any("pieces" in one.message for one in found)


def test_reordered_and_renamed_lists_change_nothing() -> None:
    text = _case("options_iosxe")[1][LONDON]
    renamed = text.replace("INTERNET-OUT", "OUTWARDS").replace("IBO-CORPORATE", "WEB-OF-OFFICES")
    first, second = " 40 permit icmp any any echo\n", " 50 permit icmp any any echo-reply\n"
    assert first + second in renamed
    assert _findings("options_iosxe", LONDON, renamed.replace(first + second, second + first)) == []


def test_a_route_map_bounds_what_is_taken_as_a_prefix_list_does() -> None:
    there = r"^(  neighbor \S+) prefix-list (CORPORATE-MEMBERS) in\n"
    mapped = (there, r"\1 route-map TAKEN in\n")
    head = "route-map TAKEN permit 10\n match ip address prefix-list CORPORATE-MEMBERS\n set local-preference 200\n"
    denied = "route-map TAKEN deny 5\n match ip address prefix-list OTHERS\n"
    others = "ip prefix-list OTHERS seq 5 permit 10.255.16.0/21\n"
    assert _changed(LEEDS, mapped, (r"^(route-map OFFLOAD-CCTV)", others + head + denied + r"\1")) == []
    wide = "route-map TAKEN permit 10\n set local-preference 200\n"
    found = _changed(LEEDS, mapped, (r"^(route-map OFFLOAD-CCTV)", wide + r"\1"))
    assert "lans-reach-their-vpn" in {one.check for one in found}


def test_packets_that_prove_go_between_hosts() -> None:
    some = [one for one in MISTAKES if one[0] != "proofs-cover-everything"][:7]
    found = [one for _, router, there, instead, _ in some for one in _changed(router, (there, instead))]
    flows = [one.flow for one in found if one.flow]
    assert flows
    assert all(one.source != one.destination for one in flows)
    assert all(int(address) & 255 for one in flows for address in (one.source, one.destination))
    assert all(int(address) >> 24 for one in flows for address in (one.source, one.destination))


def test_routers_are_judged_one_by_one() -> None:
    inventory, texts = _case("options_iosxe")
    models = {name: read_model(text) for name, text in texts.items()}
    broken = replace(models[LONDON], nat_rules=())
    found = list(what_packets_do(Ground(inventory, {**models, LONDON: broken})))
    assert {one.routers for one in found} == {(LONDON,)}


@pytest.mark.parametrize(
    "line",
    [
        'event manager applet SAVE\n event none\n action 1 cli command "write memory"\n',
        "interface GigabitEthernet0/1/7\n shutdown\n ipv6 address 2001:DB8::1/64\n",
        "no ipv6 unicast-routing\n",
        "service timestamps log datetime\nboot system flash:x.bin\n",
    ],
)
def test_what_changes_nothing_by_itself_leaves_the_proofs_whole(line: str) -> None:
    assert _changed(LEEDS, (LAST_ROUTE, rf"\g<1>{line}")) == []


@pytest.mark.parametrize(
    ("interface", "line"),
    [
        ("0/0/1", "frobnicate"),
        *(
            ("0/0/0", line)
            for line in (
                "ip verify unicast source reachable-via rx allow-default",
                "carrier-delay msec 0",
                "load-interval 30",
                "storm-control broadcast level 1.00",
                "hold-queue 4096 in",
            )
        ),
    ],
)
def test_harmless_lines_of_interfaces_are_no_finding(interface: str, line: str) -> None:
    assert _changed(LONDON, (rf"^(interface GigabitEthernet{interface}\n)", rf"\1 {line}\n")) == []


@pytest.mark.parametrize(
    ("there", "line"),
    [
        (r"^( 10 permit esp any any\n)", " 15 deny tcp any any eq 22 time-range NIGHT\n"),
        (r"^(ip access-list extended CONTROL-PLANE-UNDESIRABLE\n)", " 5 permit ip any any option 7\n"),
        (r"^(interface Vlan10\n)", " frobnicate\n"),
        (r"^(interface Vlan10\n)", " rate-limit input 64000 8000 8000 conform-action transmit exceed-action drop\n"),
        (r"^(line vty 0 4\n)", " frobnicate\n"),
    ],
)
def test_a_line_that_is_not_understood_is_a_warning(there: str, line: str) -> None:
    found = _changed(LONDON, (there, rf"\1{line}"))
    assert {(one.check, one.severity) for one in found} == {("proofs-cover-everything", Severity.WARNING)}
