"""Who a router is: recorded once, replaced only when somebody says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from agent.errors import HostKeyRefused, Refused, WrongDevice
from agent.events import Result
from agent.provisioning.enrol import Enroller, fingerprint
from agent.provisioning.ports import DeviceFacts
from agent.store.base import open_store
from agent.store.enrolments import EnrolmentStore
from inventory import Inventory
from tests.tables import create_all
from tests.unit.provisioning.fakes import START, FakeEvents

KEY, OTHER = "ssh-ed25519 AAAAC3Nz", "ssh-ed25519 AAAAC3NzaC1l"
ROUTER = "acme-lee-r1"


class Answers:
    """Whatever answers at the router's address."""

    def __init__(self) -> None:
        self.key = KEY
        self.logins: list[str] = []
        self.facts = DeviceFacts(ROUTER, "FCZ0000A0B2", "C1111-8P", "17.09.04a", 60)

    def host_key(self, site: Any) -> str:
        return self.key

    @contextmanager
    def open_with_key(self, site: Any, host_key: str) -> Iterator[Any]:
        assert host_key == self.key
        self.logins.append(host_key)

        class Session:
            def facts(session) -> DeviceFacts:
                return self.facts

        yield Session()

    open: Any = None


class Desk:
    """An enroller with its surroundings."""

    def __init__(self) -> None:
        engine = open_store("sqlite://")
        create_all(engine)
        self.answers: Any = Answers()
        self.store = EnrolmentStore(engine)
        self.events = FakeEvents()
        self.enroller = Enroller(self.answers, self.store, self.events, lambda: START)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_identity_is_recorded_and_told(desk: Desk, inventory: Inventory) -> None:
    enrolled = desk.enroller.enrol(inventory, ROUTER, who="eve")
    assert enrolled.changed
    assert desk.store.enrolment(ROUTER) == enrolled.enrolment
    assert enrolled.fingerprint == fingerprint(KEY)
    assert not desk.enroller.enrol(inventory, ROUTER, who="eve").changed
    assert [event.result for event in desk.events.events] == [Result.DONE, Result.DONE]


@pytest.mark.parametrize(
    ("change", "word"),
    [({"hostname": "Router"}, "name"), ({"serial": "FCZ0000XXXX"}, "serial"), ({"model": "C1121-4P"}, "C1121-4P")],
)
def test_another_router_than_the_inventory_says_is_refused(
    desk: Desk, inventory: Inventory, change: dict[str, str], word: str
) -> None:
    facts = {"hostname": ROUTER, "serial": "FCZ0000A0B2", "model": "C1111-8P", **change}
    desk.answers.facts = DeviceFacts(**facts, version="17.9", uptime_s=1)
    with pytest.raises(WrongDevice, match=word):
        desk.enroller.enrol(inventory, ROUTER, who="eve")
    assert desk.store.enrolment(ROUTER) is None
    assert desk.events.events[-1].result is Result.FAILED


def test_a_changed_host_key_is_refused_unless_the_router_was_replaced(desk: Desk, inventory: Inventory) -> None:
    desk.enroller.enrol(inventory, ROUTER, who="eve")
    desk.answers.key = OTHER
    with pytest.raises(Refused, match="--replace"):
        desk.enroller.enrol(inventory, ROUTER, who="eve")
    assert desk.answers.logins == [KEY]  # the fleet's password is not told to whoever answers
    assert desk.enroller.enrol(inventory, ROUTER, who="eve", replace=True).changed
    assert [one.host_key for one in desk.store.history(ROUTER)] == [KEY, OTHER]


@pytest.mark.parametrize("key", ["", "ssh-rsa", "ssh-rsa ***", "SSH-2.0-nonsense"])
def test_what_is_no_key_is_refused(desk: Desk, inventory: Inventory, key: str) -> None:
    desk.answers.key = key
    with pytest.raises(HostKeyRefused):
        desk.enroller.enrol(inventory, ROUTER, who="eve")
