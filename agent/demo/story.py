"""The story of the demonstration: an order becomes a provisioned, accepted, archived, watched and restored site."""

from __future__ import annotations

import socket
import time
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from agent.config import Paths
from agent.demo import requests
from agent.demo.stage import Running, Stage
from agent.lab.control import LabClient
from agent.lab.receiver import WebhookReceiver

ROUTERS = ("acme-lon-r1", "acme-lee-r1", "acme-yor-r1")
SITES = ("london", "leeds", "york")
CUSTOMER_FILE = "customers/acme.yaml"
SETTINGS_FILE = "spokesman.toml"


def play(workspace: Path, console: Console) -> float:
    """Play the whole story in a new ``workspace``; returns the seconds it took. StoryBroken where a claim fails."""
    began = time.monotonic()
    stage = Stage(workspace, console)
    try:
        _inventory(stage)
        _day_zero(stage)
        _provision(stage)
        _accept(stage)
        _archive(stage)
        _manage(stage)
        _restore(stage)
    finally:
        stage.clear()
        stage.quietly("lab", "down")
    return time.monotonic() - began


def _lab(stage: Stage) -> LabClient:
    """The lab itself, asked where only the state of the virtual routers is looked at."""
    return LabClient(Paths(stage.workspace).lab)


def _inventory(stage: Stage) -> None:
    stage.chapter("An order in the inventory")
    stage.tell("A new workspace with customer Acme: hub London, spokes Leeds and York, two VPNs.")
    stage.run("inventory", "check", lines=3)
    stage.tell("Somebody gives the hub a dynamic address. The contract does not allow that.")
    static, dynamic = "address: 198.51.100.10/29\n      gateway: 198.51.100.9\n", "address: dhcp\n      # static\n"
    stage.edit(CUSTOMER_FILE, static, dynamic, "london's access: address: dhcp")
    refused = stage.run("inventory", "check", expect=1, lines=3)
    stage.claim("WV-1" in refused.err + refused.out, "refused, by rule WV-1, with file and line")
    stage.edit(CUSTOMER_FILE, dynamic, static, "london's access: its static address again")
    stage.run("inventory", "check", lines=1)


def _day_zero(stage: Stage) -> None:
    stage.chapter("Day zero: blank routers, bootstrap, enrolment")
    stage.tell("Three blank virtual IOS-XE routers, on real SSH, SCP and SNMP; lab time runs ten times as fast.")
    stage.run("lab", "up", "--speed", "10", lines=4)
    stage.run("bootstrap", ROUTERS[0], "--stage", "1", lines=12)
    _paste(stage, ROUTERS)
    for router in ROUTERS:
        stage.run("enrol", router, lines=1)
    stage.claim(
        all(device.reachable for device in _lab(stage).status()),
        "the field engineer pasted, management answers, serial numbers and host keys are on record",
    )


def _paste(stage: Stage, routers: tuple[str, ...]) -> None:
    """Both stages on each console; the routers reload in between, side by side."""
    for router in routers:
        stage.run("bootstrap", router, "--folder", "var/usb")
    for number in (1, 2):
        for router in routers:
            stage.wait_for(f"{router} has booted", partial(_booted, stage, router), within_s=60)
            text = stage.workspace / "var" / "usb" / f"{router}.stage{number}.txt"
            stage.run("lab", "paste", router, str(text.relative_to(stage.workspace)), lines=1)
            text.unlink()
    for router in routers:
        stage.wait_for(f"management reaches {router}", partial(_reachable, stage, router), within_s=60)


def _booted(stage: Stage, router: str) -> bool | None:
    return True if _lab(stage).device(router).up else None


def _reachable(stage: Stage, router: str) -> bool | None:
    return True if _lab(stage).device(router).reachable else None


def _provision(stage: Stage) -> None:
    stage.chapter("Plan and provision")
    stage.run("plan", "london", lines=24)
    stage.run("provision", "--plan", stage.ask("plan", "london")["id"], lines=8)
    stage.tell("The hub works. Its spokes are provisioned side by side.")
    plans = [stage.ask("plan", site)["id"] for site in SITES[1:]]
    for running in [stage.begin("provision", "--plan", plan) for plan in plans]:
        stage.end(running, lines=8)
    again = stage.run("provision", "york", lines=3)
    stage.claim("nothing to change" in again.out.lower(), "a second run changes nothing and says so")
    tunnels = [tunnel for device in _lab(stage).status() for tunnel in device.tunnels]
    stage.claim(len(tunnels) == 6 and all(tunnel.up for tunnel in tunnels), "the lab shows every tunnel up")


def _accept(stage: Stage) -> None:
    stage.chapter("Acceptance: standard tests, then the operational service date")
    for running in [stage.begin("accept", site) for site in SITES]:
        passed = stage.end(running, lines=14 if SITES[-1] in running.arguments else 0)
        stage.claim(
            ": passed, in service since" in passed.out, f"{running.arguments[-1]} passed; its service date is set"
        )


def _archive(stage: Stage) -> None:
    stage.chapter("The archive")
    stage.run("archive", "take", "acme-yor-r1", lines=2)
    stage.run("archive", "list", "acme-yor-r1", lines=6)
    versions = stage.ask("archive", "list", "acme-yor-r1")
    stage.claim(1 <= len([row for row in versions if row["ranked"]]) <= 3, "at most three distinct configurations")
    shown = stage.run("archive", "show", "acme-yor-r1").out
    secrets = [path.read_text().strip() for path in (stage.workspace / "secrets").iterdir()]
    stage.claim(not any(secret in shown for secret in secrets), "what is shown holds no secret")


def _settings(stage: Stage, hook: str) -> tuple[int, int]:
    """Short periods, free ports for the daemon and the API, and who is told of requests; returns the ports."""
    stage.edit(SETTINGS_FILE, "poll_period_s = 240", "poll_period_s = 4")
    metrics, api = _free_ports(2)
    added = f"""[daemon]
port = {metrics}

[api]
port = {api}

[webhooks.desk]
url = "{hook}"
secret = "file:{requests.HOOK_FILE}"

[access]"""
    stage.edit(SETTINGS_FILE, "[access]", added, f"[daemon] port {metrics}, [api] port {api}, [webhooks.desk]")
    return metrics, api


def _manage(stage: Stage) -> None:
    """Everything for which the daemon runs."""
    with requests.receiver_of(stage) as receiver:
        metrics, api = _settings(stage, receiver.url)
        lost = _lose_management(stage)
        daemon = stage.start("daemon")
        _request(stage, receiver, api)
        _reverted(stage, lost)
        _watch(stage, metrics)
        stage.claim(stage.stop(daemon) == 0, "the daemon stops cleanly on SIGTERM")


def _lose_management(stage: Stage) -> Running:
    stage.chapter("A push that loses management, and reverts by itself")
    stage.tell("The gateway of York gets a typing error. After this push nobody would see the router again.")
    stage.edit(CUSTOMER_FILE, "gateway: 198.51.100.17", "gateway: 198.51.100.22")
    lost = stage.begin("provision", "york")
    stage.wait_for("the push has cut york off", lambda: None if _reachable(stage, "acme-yor-r1") else True, within_s=60)
    stage.edit(CUSTOMER_FILE, "gateway: 198.51.100.22", "gateway: 198.51.100.17")
    stage.tell("The router waits for its confirmation, which will not come. That takes it some minutes of lab time.")
    return lost


def _reverted(stage: Stage, lost: Running) -> None:
    stage.tell("Meanwhile at York:")
    ended = stage.end(lost, expect=4, lines=12)
    stage.claim("acme-yor-r1" in ended.err + ended.out, "exit code 4: the router took the change back by itself")
    same = stage.run("provision", "york", lines=3)
    stage.claim("nothing to change" in same.out.lower(), "york runs what it ran before")


def _request(stage: Stage, receiver: WebhookReceiver, port: int) -> None:
    stage.chapter("Another system asks for a change, through the API")
    token = stage.ask("token", "add", "order-desk", "--role", "automation")["token"]
    api = stage.start("api")
    stage.wait_for("the API listens", lambda: _listens(port), within_s=30)
    requests.ask(stage, requests.Caller(port, token), receiver)
    stage.claim(stage.stop(api) == 0, "the API stops cleanly on SIGTERM")


#: What is broken, and the cause that diagnostics must name.
FAULTS = {
    "acme-lee-r1": (("access",), "access or power"),
    "acme-yor-r1": (("key",), "key mismatch"),
    "acme-lync-fe1": (("service",), "service stopped"),
}


def _watch(stage: Stage, port: int) -> None:
    stage.chapter("Proactive monitoring: three faults at once, told apart")
    stage.wait_for("everything is up", lambda: _all_up(stage), within_s=60)
    stage.run("status", lines=8)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        metrics = answer.read().decode()
    stage.claim(metrics.count("spokesman_router_up{") == 3, f"/metrics shows the three routers (port {port})")
    stage.claim(stage.ask("incident", "list", "--all") == [], "York's silence was our own work: it opened no incident")
    for device, (fault, _) in FAULTS.items():
        stage.run("lab", "break", device, *fault, lines=1)
    found = stage.wait_for("an incident with evidence for each", lambda: _incidents(stage, "open"), within_s=120)
    for device, (_, cause) in FAULTS.items():
        incident = found[device]
        stage.run("incident", "show", incident["reference"], lines=12)
        stage.claim(incident["cause"].startswith(cause), f"{device}: {incident['cause']}")
    for device in FAULTS:
        stage.run("lab", "repair", device, lines=1)
    cleared = stage.wait_for("the incidents clear", lambda: _incidents(stage, "cleared"), within_s=90)
    stage.claim(len(cleared) == len(FAULTS), "recovery cleared them; they wait for the customer's word")
    for incident in cleared.values():
        stage.run("incident", "confirm", incident["reference"], lines=1)
    stage.claim(_incidents(stage, "closed") is not None, "confirmed and closed")


def _restore(stage: Stage) -> None:
    stage.chapter("A router dies; its replacement gets the archived configuration")
    stage.run("lab", "replace", "acme-yor-r1", "--serial", "FCZ0000A0C7", lines=1)
    stage.edit(CUSTOMER_FILE, "serial: FCZ0000A0B3", "serial: FCZ0000A0C7")
    refused = stage.run("archive", "take", "acme-yor-r1", expect=3, lines=1)
    stage.claim("archive" not in refused.out, "the blank router is not taken for the old one")
    _paste(stage, ("acme-yor-r1",))
    stage.run("enrol", "acme-yor-r1", "--replace", lines=2)
    newest = max(row["number"] for row in stage.ask("archive", "list", "acme-yor-r1"))
    stage.run("restore", "acme-yor-r1", "--version", str(newest), lines=6)
    same = stage.run("provision", "york", lines=2)
    stage.claim("nothing to change" in same.out.lower(), "running equals archived, and equals what is intended")
    accepted = stage.ask("accept", "york")
    stage.claim(accepted["verdict"] == "passed", "york passes its acceptance tests again")


def _free_ports(number: int) -> list[int]:
    """Ports that nobody listens on: what else runs on this machine must not end the demonstration."""
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _listens(port: int) -> bool | None:
    with socket.socket() as probe:
        return True if probe.connect_ex(("127.0.0.1", port)) == 0 else None


def _all_up(stage: Stage) -> bool | None:
    rows = stage.ask("status")["devices"]
    return True if rows and all(row["reach"] == "up" for row in rows) else None


def _incidents(stage: Stage, state: str) -> dict[str, dict[str, Any]] | None:
    """The incident of each broken device, once all are in that state; open ones once evidence has led to a cause."""
    rows = stage.ask("incident", "list", "--all")
    found = {row["subject"]: row for row in rows if row["status"] == state and (state != "open" or row["cause"])}
    return found if found.keys() >= FAULTS.keys() else None
