"""Customer VPNs with certificates over real SSH: enrolled by provisioning, expired by the lab, told on the CLI."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from agent.errors import RolledBack
from tests.e2e.site import BOOT_S, SETTINGS, Site

HUB, LEEDS = "acme-lon-r1", "acme-lee-r1"
CUSTOMER = "customers/acme.yaml"
FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
AUTHORITY = f'\n[pki.acme-ca]\nenrollment_url = "http://10.253.0.50/scep"\nfingerprint = "{FINGERPRINT}"\n'
CERTIFICATES = "show crypto pki certificates ACME-CA"

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site.made(tmp_path_factory.mktemp("e2e") / "workspace", f"127.{200 + os.getpid() % 25}")
    customer, settings = made.root / CUSTOMER, made.root / SETTINGS
    customer.write_text(customer.read_text().replace("ike: {psk: acme-vpn-psk}", "ike: {certificates: acme-ca}"))
    settings.write_text(settings.read_text() + AUTHORITY)
    try:
        made.start(HUB, LEEDS)
        yield made
    finally:
        made.lab.down()


def show(site: Site, router: str, command: str) -> str:
    with site.ports.devices.open(site.inventory.router(router)) as device:
        return device.show(command)


def ends(certificates: str) -> datetime:
    """The end date of the router's own certificate, which is shown first."""
    found = re.search(r"^Certificate\n(?:  .*\n)*?    end   date: (.+) UTC (.+)$", certificates, re.MULTILINE)
    assert found, certificates
    return datetime.strptime(f"{found[1]} {found[2]}", "%H:%M:%S %b %d %Y").replace(tzinfo=UTC)


def clock(site: Site, router: str) -> datetime:
    shown = show(site, router, "show clock").strip().lstrip("*.")
    return datetime.strptime(re.sub(r"\.\d+ UTC \w+", "", shown), "%H:%M:%S %b %d %Y").replace(tzinfo=UTC)


def tunnels(site: Site, router: str) -> set[tuple[bool, str]]:
    return {(tunnel.up, tunnel.reason) for tunnel in site.lab.device(router).tunnels}


def test_an_authority_with_another_fingerprint_changes_nothing(site: Site) -> None:
    before = site.running(HUB)
    site.edit(SETTINGS, FINGERPRINT, FINGERPRINT[::-1])
    try:
        with pytest.raises(RolledBack, match=r"no certificate of its authority ACME-CA.*fingerprints do not match"):
            site.provision(site.plan("leeds"))
    finally:
        site.edit(SETTINGS, FINGERPRINT[::-1], FINGERPRINT)
    assert site.ports.texts(site.inventory.router(LEEDS)).equal(before, site.running(HUB))
    assert "ACME-CA" not in site.running(HUB)


def test_provisioning_enrols_both_routers_and_their_tunnels_come_up(site: Site) -> None:
    assert site.provision(site.plan("leeds")).changed == (HUB, LEEDS)
    for router in (HUB, LEEDS):
        assert site.lab.device(router).tunnels
        assert tunnels(site, router) == {(True, "")}
        shown = show(site, router, CERTIFICATES)
        assert f"    cn={router}\n    ou=acme.vpn\n" in shown
        assert ends(shown) > clock(site, router)
        assert "Auth sign: RSA, Auth verify: RSA" in show(site, router, "show crypto ikev2 sa")
    assert site.plan("leeds").nothing_to_do


def test_certificates_are_archived_and_no_difference(site: Site) -> None:
    newest = max(version.number for version in site.archive.list(LEEDS))
    archived = site.archive.load(LEEDS, newest).text
    assert "crypto pki certificate chain ACME-CA\n certificate " in archived
    site.restore(LEEDS, newest)
    assert tunnels(site, LEEDS) == {(True, "")}


def test_an_expired_certificate_is_the_reason_that_the_routers_show(site: Site) -> None:
    running = site.running(LEEDS)
    site.lab.break_(LEEDS, "certificate")
    site.wait(lambda: not any(up for up, _ in tunnels(site, LEEDS)))
    assert tunnels(site, LEEDS) == {(False, "this router's certificate has expired")}
    assert site.lab.device(LEEDS).broken == ("certificate CORPORATE",)
    shown = show(site, LEEDS, CERTIFICATES)
    assert ends(shown) < clock(site, LEEDS)
    assert ends(show(site, HUB, CERTIFICATES)) > clock(site, HUB)
    serial = re.search(r"Serial Number \(hex\): (\S+)", shown)
    assert serial
    said = "%PKI-3-CERTIFICATE_INVALID_EXPIRED: Certificate chain validation has failed."
    assert f"{said}  The certificate (SN: {serial[1]}) has expired." in show(site, HUB, "show logging")
    assert "CERTIFICATE_INVALID_EXPIRED" not in show(site, LEEDS, "show logging")
    texts = site.ports.texts(site.inventory.router(LEEDS))
    assert texts.lasting(running) == texts.lasting(site.running(LEEDS))


def test_a_repaired_certificate_brings_the_tunnels_back(site: Site) -> None:
    site.lab.repair(LEEDS, "certificate")
    site.wait(lambda: all(up for up, _ in tunnels(site, LEEDS)))
    assert site.lab.device(LEEDS).broken == ()


def test_a_replaced_router_enrols_anew(site: Site) -> None:
    """Its archived certificates are those of the dead router, whose private keys nobody has."""
    former = ends(show(site, LEEDS, CERTIFICATES))
    newest = max(version.number for version in site.archive.list(LEEDS))
    site.lab.replace(LEEDS, "FCZ0000A0C7")
    site.lab.advance(BOOT_S)
    site.edit(CUSTOMER, "serial: FCZ0000A0B2", "serial: FCZ0000A0C7")
    site.day_zero(LEEDS)
    site.enrol(LEEDS, replace=True)
    restored = site.restore(LEEDS, newest)
    assert restored.outcome.changed == (LEEDS,)
    assert any("certificate" in line and "belongs to this chassis" in line for line in restored.masked)
    assert tunnels(site, LEEDS) == {(True, "")}
    assert ends(show(site, LEEDS, CERTIFICATES)) > former
