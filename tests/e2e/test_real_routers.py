"""Real Linux routers in a kernel of their own: the product makes a VPN of blank boxes, and real faults are named.

The gate takes three routers with one VPN through a router's whole life; ``make soak`` plays the story of
``make lab-dmvpn`` too: two VPNs kept apart, traffic, capture, acceptance, and more faults.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from agent.demo import dmvpn
from agent.incidents.incident import Status
from agent.monitoring.states import Link, Reach
from agent.provisioning.acceptance import Verdict
from agent.provisioning.plan import described
from agent.scaffold import create
from agent.store.incidents import Incidents
from agent.store.states import States
from tests.e2e.real_site import (
    HUB,
    LEEDS,
    ROUTERS,
    SETTINGS,
    SPARE,
    SPOKES,
    YORK,
    RealSite,
    in_parallel,
    needs_root,
    real_site,
    until,
)

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]
#: How long a fault may take to be seen, diagnosed or gone.
SEEN_S = 300.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSite]:
    """Three blank boxes that day zero, enrolment, plans and provisioning made a VPN of."""
    needs_root()
    with real_site(tmp_path_factory.mktemp("real") / "workspace") as made:
        in_parallel(made.day_zero, ROUTERS)
        assert made.provision("london") == (HUB,)
        assert in_parallel(made.provision, SPOKES) == [(LEEDS,), (YORK,)]
        yield made


def vtysh(site: RealSite, router: str, *commands: str) -> str:
    """What FRR says at the router's own console."""
    return site.lab.check_console(
        router, " ".join(["vtysh -N corporate", *(f"-c {command!r}" for command in commands)])
    )


def test_the_routers_run_bgp_over_their_tunnels_and_one_is_accepted(site: RealSite) -> None:
    def established() -> bool:
        peers = json.loads(vtysh(site, HUB, "show bgp summary json"))["ipv4Unicast"]["peers"]
        return [peer["state"] for peer in peers.values()] == ["Established"] * 2

    until(established, "BGP with both spokes", SEEN_S)
    (answer, *_) = site.lab.ping("leeds-corporat", "10.10.1.100")
    assert answer is not None, "a customer's computer at Leeds reaches one in London"
    report = site.app().accept("leeds")
    assert (report.verdict, report.in_service_since is not None) == (Verdict.PASSED, True), report.tests


def test_what_was_provisioned_is_archived_and_drift_is_shown_and_restored(site: RealSite) -> None:
    app = site.app()
    intended = app.newest_version(YORK)
    vtysh(site, YORK, "configure terminal", "router bgp 65010", "timers bgp 9 27")
    assert "timers bgp 9 27" in "\n".join(described(app.plan("york")))
    number, restored = app.restore(YORK, None)
    assert (number, restored.outcome.changed) == (intended, (YORK,))
    assert "timers bgp 9 27" not in vtysh(site, YORK, "show running-config")
    assert app.plan("york").nothing_to_do


def test_a_cable_that_is_pulled_is_told_by_the_router_itself(site: RealSite, daemon: Path) -> None:
    """Its SNMPv3 trap comes through the management tunnel; nothing was ordered on that port, so nothing is wrong."""
    site.lab.check_console(YORK, "ip link set eth3 up")
    until(lambda: f"{YORK} tells linkUp" in daemon.read_text(), "the trap of the port that has a link", SEEN_S)
    site.lab.check_console(SPARE, "ip link set eth0 down")
    until(lambda: f"{YORK} tells linkDown" in daemon.read_text(), "the trap of the port that lost its link", SEEN_S)
    assert _reached(site)[YORK] is Reach.UP
    assert Incidents(site.engine).incidents(closed=True) == ()


def test_a_cut_access_is_diagnosed_from_the_hub_and_clears(site: RealSite, daemon: Path) -> None:
    site.lab.cut(LEEDS)
    until(lambda: _diagnosed(site) is not None, f"a diagnosis; {daemon} tells more", SEEN_S)
    cause = _diagnosed(site)
    assert cause is not None
    assert cause.startswith("access or power (the customer's side)"), cause
    site.lab.repair(LEEDS)
    until(lambda: _reached(site)[LEEDS] is Reach.UP, "Leeds answers again", SEEN_S)
    until(lambda: _status(site) is Status.CLEARED, "its incident clears", SEEN_S)


@pytest.fixture(scope="module")
def daemon(site: RealSite) -> Iterator[Path]:
    """The daemon polls over SNMPv3 every ten seconds and hears traps; its log, once all routers were polled."""
    settings = site.root / SETTINGS
    site.edit(SETTINGS, "poll_period_s = 240", "poll_period_s = 10")
    heard = site.app().settings.management_centre.snmp_managers[0]
    settings.write_text(f'{settings.read_text()}\n[daemon]\nport = 0\n\n[traps]\nlisten = "{heard}"\n')
    with site.daemon() as log:
        until(lambda: _reached(site) == dict.fromkeys(ROUTERS, Reach.UP), f"polls; {log} tells more", SEEN_S)
        for state in States(site.engine).states().values():
            assert [state.links[name].link for name in ("eth0", "gre10")] == [Link.UP] * 2, "its access and its tunnel"
        yield log


def _reached(site: RealSite) -> dict[str, Reach]:
    return {name: state.reach for name, state in States(site.engine).states().items()}


def _diagnosed(site: RealSite) -> str | None:
    """What the incident of Leeds concludes, once it does."""
    found = Incidents(site.engine).incidents(closed=True)
    return next((one.cause for one in found if one.subject == LEEDS and one.cause), None)


def _status(site: RealSite) -> Status | None:
    return next((one.status for one in Incidents(site.engine).incidents(closed=True) if one.subject == LEEDS), None)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_blank_routers_become_a_dmvpn_and_real_faults_are_named(tmp_path: Path) -> None:
    said = _play(tmp_path / "workspace")
    assert said.count("✔") >= 20
    assert said.count("access or power") >= 2
    assert "key mismatch" in said


def _play(workspace: Path) -> str:
    needs_root()
    create(workspace, "real")
    said = io.StringIO()
    try:
        dmvpn.play(workspace, Console(file=said, highlight=False, markup=False, width=200))
    except BaseException:
        print(said.getvalue())
        raise
    secrets = [path.read_text().strip() for path in (workspace / "secrets").iterdir()]
    assert not [secret for secret in secrets if secret in said.getvalue()], "no secret was shown"
    return said.getvalue()
