"""Every check stays silent on what we render, and speaks when one line of one router is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from agent.verification import CHECKS, Finding, verify
from agent.verification.flows import QUESTIONS
from agent.verification.ground import Ground
from agent.verification.shown import of_line
from device_templates.cisco_iosxe.reading.parser import read_model
from inventory import UnknownName
from tests.unit.verification.cases import GOLDEN, findings_after, golden_case, golden_models
from tests.unit.verification.document_mistakes import DOCUMENTS
from tests.unit.verification.mistakes import (
    CERTIFIED,
    DALLAS,
    HARMLESS,
    LEEDS,
    LONDON,
    MISTAKES,
    OPTIONS,
    YORK,
    Mistake,
)
from tests.unit.verification.routes import ROUTES
from tests.unit.verification.tunnel_mistakes import STAYING


@pytest.mark.parametrize("case", ["two_vpns", "two_hubs", "certificates", "options_iosxe"])
def test_what_we_render_fits(case: str) -> None:
    assert findings_after(case, lambda _: None) == ()


@pytest.mark.parametrize("case", ["two_vpns", "two_hubs", "certificates", "options_iosxe"])
def test_a_part_of_the_routers_fits_too(case: str) -> None:
    inventory, texts = golden_case(case)
    for name, text in texts.items():
        assert verify({name: read_model(text)}, inventory) == ()


def _name(mistake: Mistake) -> str:
    check, router, before, after, _ = mistake
    return f"{check}-{router}-{before.strip()[:30]}->{after.strip()[:30]}"


@pytest.mark.parametrize("mistake", [*MISTAKES, *ROUTES, *STAYING, *CERTIFIED, *OPTIONS], ids=_name)
def test_one_wrong_line_is_found(mistake: Mistake) -> None:
    check, router, before, after, rule = mistake
    case = "certificates" if mistake in CERTIFIED else "options_iosxe" if mistake in OPTIONS else "two_vpns"
    inventory, texts = golden_case(case)
    assert before in texts[router]
    changed = {**texts, router: texts[router].replace(before, after)}
    models = {**golden_models(case), router: read_model(changed[router])}
    own = next(one for one in CHECKS if one.name == check.replace("_", "-"))
    mine = tuple(own(Ground(inventory, models)))
    assert mine
    assert rule in {finding.rule for finding in mine}
    assert any(router in finding.routers for finding in mine)
    assert all(finding.remedy and finding.check == own.name for finding in mine)
    _assert_lines(mine, changed)
    assert not any(secret in str(mine) + repr(mine) for secret in ("lanted", "pltd"))


def _assert_lines(findings: tuple[Finding, ...], texts: dict[str, str]) -> None:
    """Every finding cites lines, that are there, of routers that it is about."""
    for finding in findings:
        assert finding.lines, finding
        assert {line.router for line in finding.lines} <= set(finding.routers), finding
        assert all(of_line(texts[line.router], line.number) for line in finding.lines), finding


@pytest.mark.parametrize(("case", "router", "before", "after"), HARMLESS)
def test_what_means_the_same_fits(case: str, router: str, before: str, after: str) -> None:
    def change(texts: dict[str, str]) -> None:
        assert before in texts[router]
        texts[router] = texts[router].replace(before, after)

    assert findings_after(case, change) == ()


def test_hubs_that_do_not_know_each_other() -> None:
    def change(texts: dict[str, str]) -> None:
        texts["gx-ber"] = texts["gx-ber"].replace(" ip nhrp nhs 10.200.0.1 nbma 192.0.2.10 multicast\n", "")

    (finding,) = findings_after("two_hubs", change)
    assert (finding.rule, finding.routers) == ("WV-3", ("gx-ber", "gx-osl"))


def test_a_map_that_takes_another_customers_certificate() -> None:
    inventory, texts = golden_case("certificates")

    def of_one_authority(changed: dict[str, str]) -> None:
        for name in ("rod-tul", "rod-eni"):
            changed[name] = re.sub(
                r"fingerprint [0-9A-F]+", f"fingerprint {'0123456789ABCDEF' * 2}01234567", texts[name]
            )

    def careless(changed: dict[str, str]) -> None:
        of_one_authority(changed)
        changed[DALLAS] = texts[DALLAS].replace("subject-name co ou = initech.vpn", "subject-name co .vpn")

    def refused(change: Callable[[dict[str, str]], None]) -> list[Finding]:
        return [one for one in findings_after("certificates", change) if one.check == "strangers-are-refused"]

    assert refused(of_one_authority) == []
    findings = refused(careless)
    assert {(finding.rule, finding.routers) for finding in findings} == {("WV-6", (DALLAS,))}
    assert "another customer's" in findings[0].message
    assert inventory.router(DALLAS).customer.customer == "initech"


def test_one_router_by_key_and_the_others_by_certificate() -> None:
    def change(texts: dict[str, str]) -> None:
        profile = "rsa-sig\n authentication local rsa-sig\n pki trustpoint PROVIDER-CA\n"
        assert profile in texts[DALLAS]
        texts[DALLAS] = texts[DALLAS].replace(profile, "pre-share\n authentication local pre-share\n")

    assert any("how peers prove who they are" in finding.message for finding in findings_after("certificates", change))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("10.254.255.40", "10.254.250.40", "10.254.250.40 proves logins"),
        (" ip vrf forwarding MGMT\n ip tacacs", " ip tacacs", "is not reached by the management tunnel"),
        ("4.255.40\n key 7 107E05180B03170F", "4.255.40\n key 7 107E05180B031710", "has another key"),
    ],
)
def test_a_login_server_that_is_not_the_centres(before: str, after: str, words: str) -> None:
    def change(texts: dict[str, str]) -> None:
        assert before in texts["gx-tro"]
        texts["gx-tro"] = texts["gx-tro"].replace(before, after)

    findings = [one for one in findings_after("two_hubs", change) if one.check == "login-servers-are-ours"]
    assert {(one.rule, one.routers) for one in findings} == {("WV-7", ("gx-tro",))}
    assert words in findings[0].message


#: Faults alike at all routers of a case, so that they agree: check, what is there, what is put in its place.
ALIKE = [
    ("two_vpns", "packets-fit-the-access", " ip mtu 1400\n", " ip mtu 1500\n"),
    ("two_vpns", "dead-peers-are-noticed", " dpd 30 5 on-demand\n", ""),
    ("two_vpns", "peers-meet-one-profile", "remote fqdn centre.managed.invalid", "remote any"),
    ("certificates", "certificates-are-usable", "fingerprint 0", "fingerprint 9"),
    ("certificates", "strangers-are-refused", "co ou = initech.vpn", "co o"),
]


@pytest.mark.parametrize(("case", "check", "before", "after"), ALIKE)
def test_a_fault_is_found_where_all_agree_in_it(case: str, check: str, before: str, after: str) -> None:
    def change(texts: dict[str, str]) -> None:
        for router, text in texts.items():
            texts[router] = text.replace(before, after)

    found = [finding for finding in findings_after(case, change) if finding.check == check]
    assert {router for finding in found for router in finding.routers} >= {LEEDS if case == "two_vpns" else DALLAS}


def test_spokes_that_know_only_the_hub_have_no_keys_for_each_other() -> None:
    def change(texts: dict[str, str]) -> None:
        for router in (LEEDS, YORK):
            texts[router] = texts[router].replace("address 0.0.0.0 0.0.0.0\n", "address 198.51.100.10\n")

    (finding,) = findings_after("two_vpns", change)
    assert (finding.check, set(finding.routers)) == ("keys-are-equal", {LEEDS, YORK})
    assert "address 198.51.100.10" in of_line(_changed(change)[finding.lines[0].router], finding.lines[0].number)


def _changed(change: Callable[[dict[str, str]], None]) -> dict[str, str]:
    texts = dict(golden_case("two_vpns")[1])
    change(texts)
    return texts


def test_a_profile_that_takes_one_spoke_alone_is_found_too() -> None:
    odd = "crypto ikev2 profile ODD\n match identity remote address 198.51.100.26 255.255.255.255\n!\n"

    def change(texts: dict[str, str]) -> None:
        texts[LEEDS] = texts[LEEDS].replace("crypto ikev2 profile VPN\n", f"{odd}crypto ikev2 profile VPN\n")

    (finding,) = findings_after("two_vpns", change)
    assert (finding.check, finding.rule, finding.routers) == ("peers-meet-one-profile", "WV-6", (LEEDS, YORK))


@pytest.mark.parametrize("router", [LONDON, LEEDS, YORK])
def test_a_wrong_tunnel_address_is_told_first_and_blames_no_lan(router: str) -> None:
    def change(texts: dict[str, str]) -> None:
        texts[router] = re.sub(r"ip address 10\.255\.8\.\d+ ", "ip address 10.255.8.77 ", texts[router])

    first, *others = findings_after("two_vpns", change)
    assert (first.check, first.routers) == ("tunnel-for-every-vpn", (router,))
    assert "10.255.8.77" in of_line(_changed(change)[router], first.lines[0].number)
    assert {one.check for one in others} <= {"sessions-are-known", "neighbors-are-routers"}


#: Checks whose mistakes are of several routers, or of another test.
ELSEWHERE = {
    "direct-tunnels-are-possible",
    "hubs-are-the-next-hop",
    "identities-are-kept-apart",
    "login-servers-are-ours",
    "what-packets-do",
}


def test_every_check_has_a_mistake_that_it_finds() -> None:
    tested = {check.replace("_", "-") for check, *_ in (*MISTAKES, *ROUTES, *STAYING, *CERTIFIED, *OPTIONS, *DOCUMENTS)}
    assert {check.name for check in CHECKS} - ELSEWHERE == tested


def test_every_check_names_its_rule() -> None:
    for check in CHECKS:
        assert "[WV-" in (check.find.__doc__ or "")


def test_every_check_has_its_row_in_the_documentation() -> None:
    page = (GOLDEN.parents[1] / "docs" / "verify.md").read_text()
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE))
    names = {check.name for check in CHECKS if check.name != "what-packets-do"} | {name for name, _ in QUESTIONS}
    assert rows - {"configuration-unknown", "order-is-rendered", "proved-by-packets"} == names


def test_a_router_that_nobody_knows() -> None:
    inventory, texts = golden_case("two_vpns")
    with pytest.raises(UnknownName):
        verify({"nobody": read_model(texts[LEEDS])}, inventory)


def test_an_empty_configuration_is_told_and_not_stumbled_over() -> None:
    inventory, _ = golden_case("two_vpns")
    assert len(verify({LEEDS: read_model(f"hostname {LEEDS}\nend\n")}, inventory)) >= 4


@pytest.mark.parametrize(
    ("router", "before", "after", "words"),
    [
        (LEEDS, "ip sla schedule 11 life forever start-time now\n", "", "; probe 11 never starts"),
        (LONDON, "match-all IBO-CORPORATE", "match-any IBO-CORPORATE", "than was ordered: everything, whatever it is"),
    ],
)
def test_words_say_what_is_behind_a_fault(router: str, before: str, after: str, words: str) -> None:
    def change(texts: dict[str, str]) -> None:
        assert before in texts[router]
        texts[router] = texts[router].replace(before, after)

    assert any(one.message.endswith(words) for one in findings_after("options_iosxe", change))
