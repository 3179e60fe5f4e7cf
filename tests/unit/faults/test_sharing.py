"""Many incidents, one hub: sessions are handed on and limited, read-outs serve several, failures stay with one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from agent.errors import DeviceTimeout
from agent.faults.sharing import SERVES, SESSIONS, Readouts, SharedSessions

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


class Line:
    """Counts sessions; each is a number."""

    def __init__(self) -> None:
        self.opened, self.open, self.most = 0, 0, 0
        self._guard = threading.Lock()

    @contextmanager
    def session(self) -> Iterator[int]:
        with self._guard:
            self.opened += 1
            self.open += 1
            self.most = max(self.most, self.open)
            number = self.opened
        try:
            yield number
        finally:
            with self._guard:
                self.open -= 1


def test_twenty_users_at_once_need_few_sessions_and_leave_none_open() -> None:
    line, shared = Line(), SharedSessions[int]()
    ready, served = threading.Barrier(20), []

    def use() -> None:
        ready.wait(10)
        with shared.borrow("hub", line.session) as number:
            threading.Event().wait(0.01)
            served.append(number)

    users = [threading.Thread(target=use) for _ in range(20)]
    for user in users:
        user.start()
    for user in users:
        user.join(20)
    assert len(served) == 20
    assert line.most <= SESSIONS
    assert line.opened < 20
    assert line.open == 0


def test_a_session_that_failed_is_not_handed_on_and_its_error_reaches_its_user() -> None:
    line, shared = Line(), SharedSessions[int]()
    waits, used = threading.Event(), []

    def second() -> None:
        waits.set()
        with shared.borrow("hub", line.session) as number:
            used.append(number)

    others = [threading.Thread(target=second) for _ in range(3)]
    holders = [shared.borrow("hub", line.session) for _ in range(SESSIONS)]
    for holder in holders:
        holder.__enter__()
    for other in others:
        other.start()
    waits.wait(10)
    for holder in holders:
        assert not holder.__exit__(DeviceTimeout, DeviceTimeout("it hangs"), None)
    for other in others:
        other.join(20)
    assert sorted(used)[0] > SESSIONS, "none of the failed ones"
    assert line.open == 0


def test_what_cannot_be_opened_gives_its_place_back() -> None:
    shared = SharedSessions[int]()

    def refused() -> AbstractContextManager[int]:
        raise DeviceTimeout("no answer")

    for _ in range(2 * SESSIONS):
        with pytest.raises(DeviceTimeout), shared.borrow("hub", refused):
            pass
    with shared.borrow("hub", Line().session) as number:
        assert number == 1


def test_readouts_serve_for_seconds_with_their_own_time() -> None:
    now, read = [NOW], []

    def show() -> str:
        read.append(now[0])
        return f"text {len(read)}"

    readouts = Readouts(lambda: now[0])
    assert readouts.get("hub", "show dmvpn", NOW, show).text == "text 1"
    now[0] += SERVES
    again = readouts.get("hub", "show dmvpn", NOW, show)
    assert (again.text, again.at) == ("text 1", NOW)
    assert readouts.get("hub", "show dmvpn", NOW + timedelta(seconds=1), show).text == "text 2", "older than the fault"
    assert readouts.get("hub", "show ip nhrp", NOW, show).text == "text 3"
    now[0] += SERVES + timedelta(seconds=1)
    assert readouts.get("hub", "show dmvpn", NOW, show).text == "text 4"
    now[0] -= timedelta(days=1)
    assert readouts.get("hub", "show dmvpn", now[0], show).text == "text 5", "one from the future proves nothing"


def test_a_readout_that_fails_is_asked_again_by_the_next() -> None:
    readouts = Readouts(lambda: NOW)

    def fails() -> str:
        raise DeviceTimeout("no answer")

    with pytest.raises(DeviceTimeout):
        readouts.get("hub", "show dmvpn", NOW, fails)
    assert readouts.get("hub", "show dmvpn", NOW, lambda: "text").text == "text"
