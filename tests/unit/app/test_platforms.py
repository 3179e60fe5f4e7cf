"""What the wiring takes from a router's platform: how long a change is on trial, and what its agent is asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from agent.app import instruments
from agent.app.app import App
from agent.app.instruments import agent_answer
from agent.scaffold import create
from collectors.oids import SYS_UPTIME
from collectors.snmp import Answer, Community, Target, TimeTicks
from inventory import Secret, SiteView


def on_platform(view: SiteView, name: str) -> SiteView:
    router = view.router.model_copy(update={"platform": name})
    return SiteView(view.customer, view.name, view.site.model_copy(update={"router": router}))


@pytest.fixture
def app(tmp_path: Path) -> App:
    create(tmp_path / "workspace", "virtual")
    settings = tmp_path / "workspace" / "spokesman.toml"
    settings.write_text(f"{settings.read_text()}\n[platforms.linux_frr]\nrevert_minutes = 7\n")
    return App(tmp_path / "workspace", "ann")


def test_each_platform_has_its_own_time_until_a_change_is_taken_back(app: App) -> None:
    view = next(app.inventory.sites())
    default = app.inventory.platform("cisco_iosxe").revert_minutes
    assert app.timing.revert_of(on_platform(view, "cisco_iosxe")) == 60 * default
    assert app.timing.revert_of(on_platform(view, "linux_frr")) == 420 != 60 * default


class Client:
    """An agent that answers; it has no table."""

    bulks = 0

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def get(self, target: Target, oids: Iterable[object]) -> Answer:
        return Answer(target, values={SYS_UPTIME: TimeTicks(1000)})

    async def bulk(self, target: Target, oids: Iterable[object]) -> Answer:
        Client.bulks += 1
        return Answer(target, values={})


def test_an_agent_without_a_table_of_failures_is_not_taken_to_say_that_there_were_none(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instruments, "SnmpClient", Client)
    monkeypatch.setattr(Client, "bulks", 0)
    view, target = next(app.inventory.sites()), Target("127.0.0.1", 161, Community(Secret("planted")))
    assert agent_answer(target, on_platform(view, "linux_frr")).failures is None
    assert Client.bulks == 0
    assert agent_answer(target, on_platform(view, "cisco_iosxe")).failures == ()
