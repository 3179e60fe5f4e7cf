"""Remote write as the settings ask for it: sites of the inventory, secrets at each request, else nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.app.app import App
from agent.app.remote_write import remote_write
from agent.daemon.shared import Both, running
from agent.errors import ConfigurationProblem
from agent.monitoring.heard import Heard
from agent.monitoring.sample import Answer
from agent.scaffold import create
from agent.store.history import History
from inventory import InventoryError
from tests.unit.remote_write.receiver import Receiver


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create(tmp_path / "workspace", "virtual")
    secret = tmp_path / "workspace" / "secrets" / "remote"
    secret.write_text("Planted-Token-1\n")
    secret.chmod(0o600)
    return tmp_path / "workspace"


def configured(root: Path, *lines: str) -> App:
    settings = root / "spokesman.toml"
    text = settings.read_text().partition("\n[remote_write]")[0]
    settings.write_text(text + "\n[remote_write]\n" + "\n".join(lines) + "\n")
    return App(root, "tester")


def test_nothing_is_sent_unless_it_is_asked_for(root: Path) -> None:
    assert remote_write(lambda: App(root, "tester")) is None
    with running(None):
        pass


@pytest.mark.parametrize(
    ("lines", "header"),
    [
        (('bearer_token = "file:secrets/remote"',), "Bearer Planted-Token-1"),
        (('username = "us"', 'password = "file:secrets/remote"'), "Basic dXM6UGxhbnRlZC1Ub2tlbi0x"),
        ((), None),
    ],
)
def test_polls_are_kept_and_sent_with_their_sites(root: Path, lines: tuple[str, ...], header: str | None) -> None:
    with Receiver() as receiver:
        app = configured(root, f'url = "{receiver.url}"', *lines)
        router = app.inventory.router_names[0]
        remote, kept = remote_write(lambda: app), History(f"sqlite:///{root / 'kept.db'}")
        assert remote is not None
        polls = [Heard(name, 1_800_000_000.0, Answer.ANSWERED) for name in (router, "gone")]
        with running(remote):
            Both(kept, remote.put).add(polls)
        assert receiver.headers[0].get("authorization") == header
    day = datetime.fromtimestamp(polls[0].at, UTC)
    assert all(kept.availability(one.router, day, day + timedelta(hours=1)) for one in polls)
    assert {dict(one.labels)["router"] for one in receiver.samples} == {router}
    assert {dict(one.labels)["site"] for one in receiver.samples} == {app.inventory.router(router).key}


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (('url = "http://elsewhere.example/write"',), "in the clear"),
        (('url = "https://a.example/"', 'username = "us"'), "username and password need each other"),
        (('url = "https://a.example/"', 'bearer_token = "t"', 'username = "u"', 'password = "p"'), "in two ways"),
        (('url = "https://a.example/"', 'bearer_token = "unknown"'), "is no entry of"),
    ],
)
def test_what_cannot_be_is_refused(root: Path, lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(InventoryError, match=why):
        _ = configured(root, *lines).inventory


def test_authorities_that_cannot_be_read_are_told(root: Path) -> None:
    app = configured(root, 'url = "https://a.example/"', 'ca_file = "nowhere.pem"')
    with pytest.raises(ConfigurationProblem, match="authorities cannot be read"):
        remote_write(lambda: app)


def test_a_token_that_no_header_can_have_is_told_without_it(root: Path) -> None:
    (root / "secrets" / "remote").write_text("Planted Token")
    with Receiver() as receiver:
        app = configured(root, f'url = "{receiver.url}"', 'bearer_token = "file:secrets/remote"')
        remote = remote_write(lambda: app)
        assert remote is not None
        with pytest.raises(ConfigurationProblem, match="characters that no header") as refused:
            remote._send._place.authorization()  # type: ignore[attr-defined]
    assert "Planted" not in str(refused.value)
