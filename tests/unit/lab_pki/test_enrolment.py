"""How a virtual router gets certificates: the right authority only, with IOS's questions, and again in time."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.drivers.ios.certificates import Held, held
from agent.lab.config import ConfigTree
from agent.lab.lines import replace
from agent.lab.pki.authority import DAY_S, LIFETIME_S
from agent.lab.pki.certificate import Certificate, body_of, read_body
from agent.lab.pki.client import trustpoints
from agent.lab.router import VirtualRouter
from tests.unit.lab_pki.conftest import FINGERPRINT, Desk

OTHER = "F" * 40


def own(desk: Desk, name: str = "ACME-CA") -> Certificate | None:
    return trustpoints(desk.router)[name].own


def enrolled(desk: Desk) -> Certificate:
    desk.configure("crypto pki authenticate ACME-CA")
    desk.wait(10)
    found = own(desk)
    assert found is not None
    return found


def test_the_right_fingerprint_is_enough_and_the_rest_follows_by_itself(desk: Desk) -> None:
    said = desk.configure("crypto pki authenticate ACME-CA")
    assert "Certificate validated - fingerprints matched.\nTrustpoint CA certificate accepted.\n" in said
    assert held(desk.certificates()) == Held(authority=True, own=False, pending=True)
    desk.wait(10)
    assert held(desk.certificates()) == Held(authority=True, own=True, pending=False)
    found = own(desk)
    assert found
    assert (found.subject, found.issuer) == ("cn=lab-r1,ou=acme.vpn", "cn=acme-ca")
    assert "%PKI-6-CERT_INSTALL" in desk.say("show logging")
    assert ConfigTree.parse(desk.router.running.render()) == desk.router.running


def test_another_fingerprint_is_not_believed(desk: Desk) -> None:
    desk.configure("crypto pki trustpoint ACME-CA", f"fingerprint {OTHER}", "exit")
    said = desk.configure("crypto pki authenticate ACME-CA")
    assert "fingerprints do not match" in said
    desk.wait(100)
    assert desk.certificates() == ""


def test_nobody_at_the_url(desk: Desk) -> None:
    desk.configure("crypto pki trustpoint ACME-CA", "enrollment url http://10.0.0.9:8080", "exit")
    said = desk.configure("crypto pki authenticate ACME-CA")
    assert "% Error in receiving Certificate Authority certificate: status = FAIL" in said
    assert "% You must authenticate the Certificate Authority before" in desk.configure("crypto pki enroll ACME-CA")
    assert "not configured" in desk.configure("crypto pki authenticate NOBODY")
    assert "not configured" in desk.configure("crypto pki enroll NOBODY")


def test_without_a_fingerprint_a_person_is_asked(desk: Desk) -> None:
    said = desk.say("configure terminal", "crypto pki authenticate BY-HAND")
    assert said.endswith("% Do you accept this certificate? [yes/no]: ")
    assert "not accepted" in desk.say("no")
    assert desk.say("crypto pki authenticate BY-HAND", "yes").endswith("Trustpoint CA certificate accepted.\n")
    desk.wait(100)
    assert own(desk, "BY-HAND") is None
    said = desk.say("crypto pki enroll BY-HAND", "", "", "no", "no", "yes")
    assert "serial number in the subject name? [yes/no]: " in said
    assert "Include an IP address in the subject name? [no]: " in said
    assert "% Certificate request sent to Certificate Authority" in said
    desk.wait(10)
    assert own(desk, "BY-HAND")


def test_a_request_that_is_not_confirmed_is_not_sent(desk: Desk) -> None:
    desk.say("configure terminal", "crypto pki authenticate BY-HAND", "yes")
    desk.say("crypto pki enroll BY-HAND", "", "", "no", "no", "no")
    desk.wait(100)
    assert own(desk, "BY-HAND") is None


def test_an_authority_is_authenticated_once(desk: Desk) -> None:
    enrolled(desk)
    assert "Please delete your existing CA certificate first" in desk.configure("crypto pki authenticate ACME-CA")
    again = desk.say("configure terminal", "crypto pki enroll ACME-CA")
    assert again.endswith("Do you want to continue with re-enrollment? [yes/no]: ")
    desk.say("no")


def test_it_is_renewed_in_time_with_a_new_key_and_saved(desk: Desk) -> None:
    first = enrolled(desk)
    desk.router.save("test")
    desk.wait(0.7 * LIFETIME_S)
    desk.wait(10)
    assert own(desk) == first
    desk.wait(0.1 * LIFETIME_S)
    desk.wait(10)
    second = own(desk)
    assert second
    assert second.ends > first.ends
    assert second.key != first.key
    assert desk.router.startup == desk.router.running.render()
    assert "%PKI-6-AUTOSAVE" in desk.say("show logging")


def test_while_the_authority_is_silent_the_router_asks_again(desk: Desk) -> None:
    issuer, first = desk.world.issuer, enrolled(desk)
    desk.world.issuer = None
    desk.wait(0.9 * LIFETIME_S)
    for _ in range(3):
        desk.wait(60)
    assert own(desk) == first
    desk.world.issuer = issuer
    desk.wait(61)
    assert own(desk) != first


def test_what_is_not_saved_is_lost_with_its_key(desk: Desk) -> None:
    found = enrolled(desk)
    desk.router.reload(seconds=0)
    assert own(desk) is None
    assert found.key not in desk.router.pki.keys.values()
    again = enrolled(desk)
    desk.router.save("test")
    desk.router.reload(seconds=0)
    assert own(desk) == again
    assert again.key in desk.router.pki.keys.values()


def test_a_trustpoint_takes_its_certificates_with_it(desk: Desk) -> None:
    enrolled(desk)
    desk.configure("no crypto pki trustpoint ACME-CA")
    assert "ACME-CA" not in desk.router.running.render()
    desk.wait(1000)
    assert "ACME-CA" not in desk.router.running.render()


def test_a_revert_takes_them_away_and_a_replace_keeps_them(desk: Desk) -> None:
    before = desk.router.running
    enrolled(desk)
    after = desk.router.running
    assert replace.replace(desk.router, before).equal
    assert own(desk) is None
    assert replace.replace(desk.router, after).equal
    assert own(desk)


def test_a_lab_that_goes_on_knows_keys_and_requests(desk: Desk, tmp_path: Path) -> None:
    desk.router.directory = tmp_path
    found = enrolled(desk)
    desk.router.pki.ended[found.serial] = 5.0
    desk.router.keep()
    again = VirtualRouter("r1", desk.router.chassis, directory=tmp_path)
    assert again.pki == desk.router.pki
    assert trustpoints(again)["ACME-CA"].own == dataclasses.replace(found, ends=5.0)


@pytest.mark.parametrize("line", ["crypto pki authenticate ACME-CA", "crypto pki enroll ACME-CA"])
def test_a_file_cannot_answer_questions(desk: Desk, line: str) -> None:
    assert "at a terminal" in desk.router.merge(f"{line}\nend\n")


@given(st.text(alphabet="0123456789ABCDEF \n", max_size=200) | st.text(max_size=50))
def test_what_is_no_certificate_of_the_lab_is_none(body: str) -> None:
    assert read_body(body) is None


@given(st.text(min_size=1, max_size=80), st.floats(0, 4e9), st.floats(0, 4e9))
def test_a_certificate_is_read_back(subject: str, begins: float, ends: float) -> None:
    certificate = Certificate("0A", subject, "cn=ca", FINGERPRINT, "key", begins, ends)
    body = body_of(certificate)
    assert read_body(body) == certificate
    assert all(len(row) <= 71 and row.replace(" ", "").isalnum() for row in body.split("\n"))


def test_lifetimes_are_those_that_are_shown(desk: Desk) -> None:
    found = enrolled(desk)
    assert found.ends - found.begins == 365 * DAY_S
    shown = desk.certificates()
    assert "    start date: 07:50:10 UTC Jan 15 2027\n    end   date: 07:50:10 UTC Jan 15 2028\n" in shown
    assert "    renew date: 07:50:10 UTC Nov 3 2027\n  Associated Trustpoints: ACME-CA \n" in shown
