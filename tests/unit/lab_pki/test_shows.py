"""``show crypto pki …`` as IOS-XE 17 prints it."""

from __future__ import annotations

import pytest

from tests.unit.lab_pki.conftest import Desk


@pytest.fixture
def enrolled(desk: Desk) -> Desk:
    desk.configure("crypto pki authenticate ACME-CA")
    desk.wait(10)
    return desk


def test_both_certificates_and_the_own_one_first(enrolled: Desk) -> None:
    shown = enrolled.certificates()
    first, second = shown.split("CA Certificate\n")
    assert first.startswith("Certificate\n  Status: Available\n  Certificate Serial Number (hex): 5A")
    assert "  Certificate Usage: General Purpose\n  Issuer: \n    cn=acme-ca\n  Subject:\n    Name: lab-r1\n" in first
    assert "    cn=lab-r1\n    ou=acme.vpn\n  Validity Date: \n" in first
    assert "  Certificate Serial Number (hex): 01\n  Certificate Usage: Signature\n" in second
    assert enrolled.say("show crypto pki certificates") == shown


def test_verbose_either_way_round(enrolled: Desk) -> None:
    shown = enrolled.say("show crypto pki certificates verbose ACME-CA")
    assert "  Version: 3\n" in shown
    assert "    Public Key Algorithm: rsaEncryption\n    RSA Public Key: (3072 bit)\n" in shown
    assert "  Key Label: ACME-CA\n" in shown
    assert enrolled.say("show crypto pki certificates ACME-CA verbose") == shown


def test_trustpoints_and_their_status(enrolled: Desk) -> None:
    shown = enrolled.say("show crypto pki trustpoints")
    assert "Trustpoint ACME-CA:\n    Subject Name: \n    cn=acme-ca\n          Serial Number (hex): 01\n" in shown
    assert "    SCEP URL: http://10.0.0.9:80/cgi-bin\n" in shown
    status = enrolled.say("show crypto pki trustpoints ACME-CA status")
    assert "  Issuing CA certificate configured:\n    Subject Name:\n     cn=acme-ca\n" in status
    assert "  Last enrollment status: Granted\n  Next enrollment attempt:\n" in status
    assert "Issuing CA authenticated ....... Yes\n    Certificate request(s) ..... Yes\n" in status
    none = enrolled.say("show crypto pki trustpoints BY-HAND status")
    assert "Keys generated ............. No\n    Issuing CA authenticated ....... No\n" in none


def test_what_is_not_there(desk: Desk) -> None:
    assert desk.certificates("NOBODY") == ""
    assert "Invalid input" in desk.say("show crypto pki nonsense")
