"""Real Linux routers in a kernel of their own: the product makes a VPN of blank boxes, and real faults are named.

The gate takes three routers with one VPN through a router's whole life; ``make soak`` plays the story of
``make lab-dmvpn`` too: two VPNs kept apart, traffic, capture, acceptance, and more faults.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from agent.demo import dmvpn
from agent.monitoring.states import Link, Reach
from agent.provisioning.plan import described
from agent.scaffold import create
from agent.store.incidents import Incidents
from agent.store.states import States
from tests.e2e.real_site import (
    HUB,
    LEEDS,
    ROUTERS,
    SETTINGS,
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


def test_the_routers_run_bgp_over_their_tunnels_and_a_second_plan_is_empty(site: RealSite) -> None:
    def established() -> bool:
        peers = json.loads(vtysh(site, HUB, "show bgp summary json"))["ipv4Unicast"]["peers"]
        return [peer["state"] for peer in peers.values()] == ["Established"] * 2

    until(established, "BGP with both spokes", SEEN_S)
    assert site.app().plan("york").nothing_to_do
    (answer, *_) = site.lab.ping("leeds-corporat", "10.10.1.100")
    assert answer is not None, "a customer's computer at Leeds reaches one in London"


def test_what_was_provisioned_is_archived_and_drift_is_shown_and_restored(site: RealSite) -> None:
    app = site.app()
    intended = app.newest_version(YORK)
    vtysh(site, YORK, "configure terminal", "router bgp 65010", "timers bgp 9 27")
    assert "timers bgp 9 27" in "\n".join(described(app.plan("york")))
    number, restored = app.restore(YORK, None)
    assert (number, restored.outcome.changed) == (intended, (YORK,))
    assert "timers bgp 9 27" not in vtysh(site, YORK, "show running-config")
    assert app.plan("york").nothing_to_do


def test_a_link_that_goes_down_tells_the_daemon_by_itself_between_two_polls(site: RealSite) -> None:
    """No poll is due for four minutes: only the router's own SNMPv3 trap brings the next one."""
    lan = partial(_link, site, YORK, "eth1")
    with _watched(site, 240) as log:
        until(lambda: lan() is Link.UP, "the first poll", SEEN_S)
        site.lab.check_console("york-corporat", "ip link set eth0 down")
        until(lambda: f"{YORK} tells linkDown" in log.read_text(), "the trap", SEEN_S)
        until(lambda: lan() is Link.DOWN, "the poll after it", SEEN_S)
        site.lab.check_console("york-corporat", "ip link set eth0 up")
        until(lambda: lan() is Link.UP, "the poll after the link came back", SEEN_S)


def test_a_cut_access_is_diagnosed_from_the_hub_and_clears(site: RealSite) -> None:
    with _watched(site, 10):
        until(lambda: _reached(site) == dict.fromkeys(ROUTERS, Reach.UP), "all are polled", SEEN_S)
        site.lab.cut(LEEDS)
        until(lambda: _diagnosed(site) is not None, "a diagnosis", SEEN_S)
        cause = _diagnosed(site)
        assert cause is not None
        assert cause.startswith("access or power (the customer's side)"), cause
        site.lab.repair(LEEDS)
        until(lambda: _reached(site)[LEEDS] is Reach.UP, "Leeds answers again", SEEN_S)


@contextmanager
def _watched(site: RealSite, period_s: int) -> Iterator[Path]:
    """The daemon polls every ``period_s`` seconds and hears traps."""
    settings = site.root / SETTINGS
    text = settings.read_text()
    more = f'\n[daemon]\nport = 0\n\n[traps]\nlisten = "{site.app().settings.management_centre.snmp_managers[0]}"\n'
    site.edit(SETTINGS, "poll_period_s = 240", f"poll_period_s = {period_s}")
    settings.write_text(settings.read_text() + more)
    try:
        with site.daemon() as log:
            until(lambda: "receives traps" in log.read_text(), "the daemon", SEEN_S)
            yield log
    finally:
        settings.write_text(text)


def _reached(site: RealSite) -> dict[str, Reach]:
    return {name: state.reach for name, state in States(site.engine).states().items()}


def _link(site: RealSite, router: str, name: str) -> Link | None:
    state = States(site.engine).states().get(router)
    return state.links[name].link if state and name in state.links else None


def _diagnosed(site: RealSite) -> str | None:
    """What the incident of Leeds concludes, once it does."""
    found = Incidents(site.engine).incidents(closed=True)
    return next((one.cause for one in found if one.subject == LEEDS and one.cause), None)


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
