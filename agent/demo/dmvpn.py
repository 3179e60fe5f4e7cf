"""The story of real routers: blank Linux boxes become a DMVPN that carries, keeps apart, is watched and is restored."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from agent.app.app import App
from agent.app.real_lab import host_name, real_topology
from agent.demo.stage import Stage
from agent.lab.real.guest import Guest
from agent.lab.real.lab import RealLab
from agent.lab.real.seen import Reply
from inventory import SiteView

HUB, LEEDS, YORK = "acme-lon-r1", "acme-lee-r1", "acme-yor-r1"
ROUTERS = (HUB, LEEDS, YORK)
SITES = ("london", "leeds", "york")
CUSTOMER_FILE, SETTINGS_FILE = "customers/acme.yaml", "spokesman.toml"
#: Nothing but these may be seen between the routers' internet addresses.
ENCRYPTED = {"ESP", "IKE"}
#: An emulated router takes its time: to come up, to be heard of, to be diagnosed, in seconds.
BOOT_S, SETTLE_S, DIAGNOSED_S = 240, 180, 300
#: No command takes longer.
SLOWEST_S = 400


class Scene:
    """The stage with the lab, and who is where."""

    def __init__(self, stage: Stage, lab: RealLab, views: dict[str, SiteView]) -> None:
        self.stage, self.lab, self.views = stage, lab, views

    def wan(self, site: str) -> str:
        """The internet address of a site's router."""
        return str(self.views[site].site.access.address).partition("/")[0]

    def lan_host(self, site: str, vpn: str) -> tuple[str, str]:
        """The host in a site's LAN: its name at the lab, and its address."""
        name = host_name(self.views[site], vpn)
        hosts = [host for router in self.lab.topology.routers for host in router.hosts]
        return name, next(host.address for host in hosts if host.name == name).partition("/")[0]

    def host_key(self, router: str) -> str:
        """What a router proves to SSH that it is, read at its console."""
        return self.lab.check_console(router, "cat /etc/ssh/ssh_host_ed25519_key.pub").split()[1]

    def ping(self, source: tuple[str, str], target: tuple[str, str], count: int = 5) -> list[Reply | None]:
        """Ping from one host to another; what came back, None where nothing did."""
        self.stage.tell(f"  {source[0]}# ping -c {count} {target[1]}")
        answers = self.lab.ping(source[0], target[1], count)
        for number, one in enumerate(answers, 1):
            words = f"ttl={one.ttl} time={one.milliseconds:g} ms" if one else "no answer"
            self.stage.tell(f"    icmp_seq={number} {words}")
        return answers


def play(workspace: Path, console: Console) -> float:
    """Play the story in ``workspace``, a new one of the real example; returns the seconds it took.

    Raises StoryBroken where a claim fails, LabError where this machine cannot run the routers.
    """
    began = time.monotonic()
    stage = Stage(workspace, console, longest_s=SLOWEST_S)
    app = App(workspace, "demo")
    views = {view.name: view for view in app.inventory.sites()}
    stage.chapter("Blank routers")
    stage.tell(
        "A kernel of its own boots with an internet, a management centre, three Linux boxes and customers' hosts."
    )
    try:
        with RealLab(real_topology(app.inventory, app.secrets), Guest()) as lab:
            scene = Scene(stage, lab, views)
            _day_zero(scene)
            _provision(scene)
            _traffic(scene)
            _accept(scene)
            _drift(scene)
            _watch(scene)
            stage.clear()
    finally:
        stage.clear()
    return time.monotonic() - began


def _day_zero(scene: Scene) -> None:
    stage, lab = scene.stage, scene.lab
    silent = lab.console("centre", f"ping -n -c 1 -W 1 {scene.views['london'].router.management.address}")
    stage.claim(silent.code != 0, "before day zero no router can be managed")
    stage.tell("Their image has the packages of stage 1. The field engineer pastes stage 2 at each console.")
    for router in ROUTERS:
        stage.run("bootstrap", router, "--folder", "var/usb")
        texts = sorted((stage.workspace / "var" / "usb").glob(f"{router}.stage*.txt"))
        lab.check_console(router, texts[-1].read_text(encoding="utf-8"), BOOT_S)
        for path in texts:
            path.unlink()
    for router in ROUTERS:
        stage.wait_for(f"management reaches {router}", partial(_enrolled, stage, router), within_s=BOOT_S)
    keys = {scene.host_key(router) for router in ROUTERS}
    stage.claim(len(keys) == len(ROUTERS), "management answers inside IPsec tunnels; each router has its own host key")


def _enrolled(stage: Stage, router: str) -> bool | None:
    done = stage.attempt("enrol", router)
    return True if done.code == 0 else None


def _provision(scene: Scene) -> None:
    stage = scene.stage
    stage.chapter("Plan and provision")
    stage.run("plan", "london", lines=16)
    stage.run("provision", "--plan", stage.ask("plan", "london")["id"], lines=8)
    plans = [stage.ask("plan", site)["id"] for site in SITES[1:]]
    for running in [stage.begin("provision", "--plan", plan) for plan in plans]:
        stage.end(running, lines=8)
    again = stage.run("provision", "york", lines=3)
    stage.claim("nothing to change" in again.out.lower(), "a second run changes nothing and says so")
    stage.tell(f"  {HUB}# vtysh -N corporate -c 'show bgp summary'")
    shown = scene.lab.console(HUB, "vtysh -N corporate -c 'show bgp summary'").text
    for line in shown.splitlines():
        if "10.255.8." in line:
            stage.tell(f"    {line}")


def _traffic(scene: Scene) -> None:
    stage, lab = scene.stage, scene.lab
    stage.chapter("Traffic: first by the hub, then direct, encrypted all the way, and never between VPNs")
    leeds, york = scene.lan_host("leeds", "corporate"), scene.lan_host("york", "corporate")
    wans = [scene.wan(site) for site in SITES]
    with lab.capture() as seen:
        answers = [one for one in scene.ping(leeds, york, count=12) if one]
    stage.claim(len(answers) >= 8, "Leeds reaches York")
    hops = [one.ttl for one in answers]
    stage.claim(
        hops[0] == hops[-1] - 1, f"the first answers came by the hub (ttl {hops[0]}), the last direct ({hops[-1]})"
    )
    for line in seen.table().splitlines():
        stage.tell(f"    {line}")
    kinds, direct = seen.between(*wans), seen.between(*wans[1:])
    stage.claim(set(kinds) <= ENCRYPTED, f"on the internet between the routers only: {_counted(kinds)}")
    stage.claim("ESP" in direct, f"between Leeds and York themselves: {_counted(direct)}")
    cctv, cctv_hub = scene.lan_host("leeds", "cctv"), scene.lan_host("london", "cctv")
    stage.claim(any(scene.ping(cctv, cctv_hub)), "the second VPN works")
    for target in (york, leeds, scene.lan_host("london", "corporate")):
        stage.claim(not any(scene.ping(cctv, target, count=2)), f"and cannot reach {target[1]} of the first [WV-6]")


def _counted(kinds: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())


def _accept(scene: Scene) -> None:
    stage = scene.stage
    stage.chapter("Acceptance: standard tests, then the operational service date")
    for running in [stage.begin("accept", site) for site in SITES]:
        passed = stage.end(running, lines=14 if SITES[-1] in running.arguments else 0)
        stage.claim(", in service since" in passed.out, f"{running.arguments[-1]} passed; its service date is set")


def _drift(scene: Scene) -> None:
    stage, lab = scene.stage, scene.lab
    stage.chapter("Archive, drift and restore")
    stage.run("archive", "take", YORK, lines=2)
    newest = max(row["number"] for row in stage.ask("archive", "list", YORK))
    stage.tell("Somebody changes the timers of BGP at York by hand.")
    lab.check_console(YORK, "vtysh -N corporate -c 'configure terminal' -c 'router bgp 65010' -c 'timers bgp 9 27'")
    planned = stage.run("plan", "york", lines=12)
    stage.claim("timers" in planned.out, "the plan shows the line that drifted")
    stage.run("restore", YORK, "--version", str(newest), lines=6)
    same = stage.run("provision", "york", lines=2)
    stage.claim("nothing to change" in same.out.lower(), "restored: running equals archived and intended")


def _watch(scene: Scene) -> None:
    stage, lab = scene.stage, scene.lab
    stage.chapter("Proactive monitoring: real faults, one after the other")
    stage.edit(SETTINGS_FILE, "poll_period_s = 240", "poll_period_s = 10")
    stage.edit(SETTINGS_FILE, "[access]", "[daemon]\nport = 0\n\n[access]", "[daemon] port 0")
    daemon = stage.start("daemon")
    stage.wait_for("everything is up", partial(_all_up, stage), within_s=SETTLE_S)
    _fault(scene, LEEDS, "Leeds' access is cut", "access or power", partial(lab.cut, LEEDS), partial(lab.repair, LEEDS))
    _fault(
        scene,
        YORK,
        "York gets another IKE secret by hand",
        "key mismatch",
        partial(_other_key, lab),
        partial(_right_key, lab),
    )
    _fault(
        scene,
        HUB,
        "the hub loses its power",
        "access or power",
        partial(lab.power_off, HUB),
        partial(lab.power_on, HUB),
    )
    stage.claim(stage.stop(daemon) == 0, "the daemon stops cleanly on SIGTERM")


def _fault(
    scene: Scene, router: str, what: str, cause: str, breaks: Callable[[], None], mends: Callable[[], None]
) -> None:
    stage = scene.stage
    stage.tell(f"{what}.")
    began = time.monotonic()
    breaks()
    incident = stage.wait_for(
        f"an incident of {router} with its cause", partial(_incident, stage, router, "open"), within_s=DIAGNOSED_S
    )
    stage.run("incident", "show", incident["reference"], lines=14)
    took = time.monotonic() - began
    stage.claim(incident["cause"].startswith(cause), f"{router} after {took:.0f} s: {incident['cause']}")
    mends()
    stage.wait_for(
        f"the incident of {router} clears", partial(_incident, stage, router, "cleared"), within_s=DIAGNOSED_S
    )
    stage.run("incident", "confirm", incident["reference"], lines=1)
    stage.wait_for("everything is up", partial(_all_up, stage), within_s=DIAGNOSED_S)


_SWANCTL = "/etc/swanctl/swanctl.conf"


def _other_key(lab: RealLab) -> None:
    """As by hand: the secret of the VPNs in the file, loaded, and the associations ended."""
    script = f"""cp {_SWANCTL} /var/tmp/right.conf
python3 - <<'PY'
import re
text = open("{_SWANCTL}").read()
open("{_SWANCTL}", "w").write(re.sub(r'(ike-vpn[^}}]*secret = )"[^"]*"', r'\\1"another-by-hand"', text))
PY
swanctl --load-creds --clear >/dev/null && swanctl --terminate --ike hub-london --force >/dev/null 2>&1 || true
"""
    lab.check_console(YORK, script)


def _right_key(lab: RealLab) -> None:
    lab.check_console(YORK, f"cp /var/tmp/right.conf {_SWANCTL} && swanctl --load-creds --clear >/dev/null")


def _all_up(stage: Stage) -> bool | None:
    rows = stage.ask("status")["devices"]
    return True if rows and all(row["reach"] == "up" for row in rows) else None


def _incident(stage: Stage, router: str, state: str) -> dict[str, Any] | None:
    rows = [row for row in stage.ask("incident", "list", "--all") if row["subject"] == router]
    return next((row for row in rows if row["status"] == state and (state != "open" or row["cause"])), None)
