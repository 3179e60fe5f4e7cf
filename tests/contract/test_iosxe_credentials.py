"""What IOS-XE has beside its configuration: certificates, which it asks for with questions, and SNMP users."""

from __future__ import annotations

from typing import Any

import pytest

from agent.drivers.ios.certificates import Held, held
from agent.errors import CommandRejected, DeviceTimeout
from agent.lab.spec import Authority

pytestmark = pytest.mark.lab

FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
URL = "http://10.254.255.50:80"
TRUSTPOINT = f"""\
crypto pki trustpoint ACME-CA
 enrollment url {URL}
 fingerprint {FINGERPRINT}
 subject-name CN=r,OU=acme.vpn
"""


@pytest.fixture
def certified(virtual: Any) -> Any:
    """A router with a trustpoint that never asks by itself, and leaves every question to whoever types."""
    virtual.lab.do(lambda router: router.merge(TRUSTPOINT))
    return virtual


def issuer(target: Any, fingerprint: str) -> None:
    authority = Authority(url=URL, fingerprint=fingerprint, name="acme-ca")
    target.lab.do(lambda router: setattr(router.world, "issuer", authority))


def test_step_by_step_until_the_certificate_is_there(certified: Any) -> None:
    issuer(certified, FINGERPRINT)
    with certified.open() as device:
        assert [device.certify("ACME-CA") for _ in range(3)] == [False, False, False]
        certified.lab.pass_time(60)
        assert device.certify("ACME-CA")
        assert "crypto pki certificate chain ACME-CA\n certificate " in device.running_config()
        device.save()


def test_nobody_answers(certified: Any) -> None:
    with certified.open() as device, pytest.raises(DeviceTimeout, match=r"status = FAIL.*enrollment_url"):
        device.certify("ACME-CA")


def test_an_authority_that_somebody_else_is(certified: Any) -> None:
    issuer(certified, "F" * 40)
    with certified.open() as device:
        with pytest.raises(CommandRejected, match="fingerprints do not match"):
            device.certify("ACME-CA")
        assert "certificate chain ACME-CA" not in device.running_config()


def test_without_a_fingerprint_no_authority_is_believed(certified: Any) -> None:
    issuer(certified, FINGERPRINT)
    certified.lab.do(lambda router: router.merge("crypto pki trustpoint ACME-CA\n no fingerprint\n"))
    with certified.open() as device, pytest.raises(CommandRejected, match="not accepted"):
        device.certify("ACME-CA")


@pytest.mark.parametrize("name", ["", "A B", "A?", "A\nreload", "A|B", "x" * 65])
def test_what_is_no_name_is_never_sent(certified: Any, name: str) -> None:
    with certified.open() as device, pytest.raises(CommandRejected, match="no name of a trustpoint"):
        device.certify(name)


OWN = "Certificate\n  Status: Available\n  Certificate Serial Number (hex): 02\n"
CA = "CA Certificate\n  Status: Available\n  Certificate Serial Number (hex): 01\n"
PENDING = "Certificate\n  Subject:\n    Name: r\n   Status: Pending\n   Key Usage: General Purpose\n"
SELF_SIGNED = "Router Self-Signed Certificate\n  Status: Available\n"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("", Held(authority=False, own=False, pending=False)),
        (CA, Held(authority=True, own=False, pending=False)),
        (f"{PENDING}\n{CA}", Held(authority=True, own=False, pending=True)),
        (f"{OWN}\n{CA}", Held(authority=True, own=True, pending=False)),
        (f"{PENDING}\n{OWN}\n{CA}", Held(authority=True, own=True, pending=True)),
        (f"{SELF_SIGNED}\n", Held(authority=False, own=False, pending=False)),
        ("% The trustpoint is not there\n", Held(authority=False, own=False, pending=False)),
    ],
)
def test_what_a_router_holds(output: str, expected: Held) -> None:
    assert held(output) == expected


def test_an_snmp_user_exists_after_it_was_set(virtual: Any) -> None:
    with virtual.open() as device:
        device.set_snmp_user("snmp-server user contract FLEET v3 auth sha Planted-Auth-1 priv aes 128 Planted-Priv-1")
        assert "contract (sha, aes128)" in device.snmp_users()
        strong = "snmp-server user contract FLEET v3 auth sha-2 512 Planted-Auth-1 priv aes 256 Planted-Priv-1"
        device.set_snmp_user(strong)
        assert [user for user in device.snmp_users() if "contract" in user] == ["contract (sha512, aes256)"]
        assert "contract" not in device.running_config()
        with pytest.raises(CommandRejected) as caught:
            device.set_snmp_user("snmp-server user other FLEET v3 auth sha Short1 priv aes 128 Planted-Priv-1")
        assert "Short1" not in str(caught.value)
