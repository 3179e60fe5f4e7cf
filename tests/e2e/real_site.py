"""Three real Linux routers in a kernel of their own, and a workspace whose product makes a VPN of them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from agent.app.app import App
from agent.app.real_lab import real_topology
from agent.errors import Unreachable
from agent.lab.real.guest import Guest
from agent.lab.real.lab import RealLab
from agent.lab.real.topology import Host, Topology
from agent.scaffold import create
from device_templates.platform import platform_of

HUB, LEEDS, YORK = ROUTERS = ("acme-lon-r1", "acme-lee-r1", "acme-yor-r1")
SPOKES = ("leeds", "york")
SPARE = "york-spare"
SETTINGS, CUSTOMER = "spokesman.toml", "customers/acme.yaml"
#: An emulated router takes its time, in seconds.
BOOT_S = 240.0
ROOT = Path(__file__).parents[2]


def needs_root() -> None:
    """Skip where nobody asked for real routers; CI has root, or fails."""
    if os.geteuid() != 0 and "CI" not in os.environ:
        pytest.skip("real routers need root: their network interfaces are made on this machine")


def until(holds: Callable[[], object], what: str, within_s: float) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"it never came: {what}"
        time.sleep(0.3)


@dataclass
class RealSite:
    """The workspace and its lab."""

    root: Path
    lab: RealLab

    @cached_property
    def engine(self) -> Engine:
        """What the product remembers."""
        return self.app().engine

    def app(self) -> App:
        """The product, wired as every command has it, and with the inventory as it is now."""
        return App(self.root, "eve")

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file as a person would."""
        path = self.root / name
        text = path.read_text()
        assert text.count(old) == 1, f"{name} holds {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new))

    def day_zero(self, router: str) -> None:
        """Type the bootstrap at the console of a blank router, and enrol what answers then."""
        app = self.app()
        view = app.inventory.router(router)
        day_zero = platform_of(view).bootstrap(app.inventory, view, app.secrets)
        self.lab.check_console(router, day_zero.stages[-1].text, BOOT_S)
        until(lambda: self._enrolled(app, router), f"{router} answers", BOOT_S)

    @staticmethod
    def _enrolled(app: App, router: str) -> bool:
        try:
            return app.enrol(router, replace=False).changed
        except Unreachable:
            return False

    def provision(self, site: str) -> tuple[str, ...]:
        """Plan a site and run the plan; the routers that were changed."""
        app = self.app()
        return app.provision(app.plan(site).id).changed

    @contextmanager
    def daemon(self) -> Iterator[Path]:
        """The daemon in a process of its own; its log."""
        log = self.root / "var" / "daemon.log"
        with log.open("ab") as stream:
            process = Popen(
                [sys.executable, "-m", "agent.cli", "--workspace", str(self.root), "daemon"],
                stdout=stream,
                stderr=stream,
                cwd=ROOT,
            )
        try:
            yield log
        finally:
            process.terminate()
            assert process.wait(30) == 0


@contextmanager
def real_site(root: Path) -> Iterator[RealSite]:
    """The routers, blank, and the workspace for them: one VPN, and networks that no other lab of this machine has."""
    create(root, "real")
    _renumber(root / SETTINGS, "10.253.0.", "10.253.7.")
    _renumber(root / CUSTOMER, "10.254.0.", "10.254.7.")
    customer = root / CUSTOMER
    customer.write_text(yaml.safe_dump(_one_vpn(yaml.safe_load(customer.read_text())), sort_keys=False))
    app = App(root, "eve")
    with RealLab(_with_spare(real_topology(app.inventory, app.secrets)), Guest()) as lab:
        yield RealSite(root, lab)


def _with_spare(topology: Topology) -> Topology:
    """York has a cable in a port that no VPN has; the others' ports are inside their VPNs, where no trap comes from."""
    routers = {router.name: router for router in topology.routers}
    routers[YORK] = replace(
        routers[YORK], hosts=(*routers[YORK].hosts, Host(SPARE, "eth3", "192.0.2.10/24", "192.0.2.1"))
    )
    return replace(topology, routers=tuple(routers.values()))


def in_parallel(work: Callable[[str], Any], names: tuple[str, ...]) -> list[Any]:
    """What ``work`` tells of each name, all at the same time, as from several windows."""
    with ThreadPoolExecutor(len(names)) as windows:
        return list(windows.map(work, names))


def _renumber(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def _one_vpn(customer: dict[str, Any]) -> dict[str, Any]:
    """The example without its second VPN, which the story of ``make lab-dmvpn`` proves apart."""
    for holder in (
        customer["vpns"],
        *(site[name] for site in customer["sites"].values() for name in ("tunnels", "lans")),
    ):
        holder.pop("cctv", None)
    return customer
