"""A change that needs a certificate gets it while the revert timer runs, or is taken back."""

from __future__ import annotations

import pytest

from agent.errors import RolledBack
from agent.provisioning.texts import PlatformTexts
from device_templates.cisco_iosxe import PLATFORM
from inventory import Secret
from tests.unit.provisioning.bench import SPOKE, Bench, want_spoke
from tests.unit.provisioning.test_transaction import plan_of, run, runs

PROFILE = """\
hostname r
crypto pki trustpoint SLA-TrustPoint
 enrollment pkcs12
crypto pki trustpoint ACME-CA
 enrollment url http://10.254.255.50:80
crypto pki trustpoint OTHER
 enrollment url http://10.254.255.51:80
crypto ikev2 profile VPN
 pki trustpoint ACME-CA
crypto ikev2 profile MANAGEMENT
 keyring local MANAGEMENT
end
"""


def test_the_certificate_is_there_before_the_change_is_confirmed_and_saved(bench: Bench) -> None:
    want_spoke(bench, "trustpoint ACME-CA")
    assert run(bench, plan_of(bench)).changed == (SPOKE,)
    router = bench.world.routers[SPOKE]
    assert router["asked"] >= 3
    assert "own certificate of ACME-CA" in router["startup"]


def test_without_its_authority_the_change_is_taken_back(bench: Bench) -> None:
    before = runs(bench, SPOKE)
    want_spoke(bench, "trustpoint ACME-CA", "no authority")
    with pytest.raises(RolledBack, match=r"no certificate of ACME-CA yet \(no certificate of its authority"):
        run(bench, plan_of(bench))
    assert runs(bench, SPOKE) == before
    assert "ACME-CA" not in bench.world.routers[SPOKE]["running"]


def test_only_trustpoints_that_tunnels_use_are_enrolled() -> None:
    texts = PlatformTexts(PLATFORM, lambda reference: Secret(reference))
    assert texts.trustpoints(PROFILE) == ("ACME-CA",)
    assert texts.trustpoints("hostname r\nend\n") == ()
