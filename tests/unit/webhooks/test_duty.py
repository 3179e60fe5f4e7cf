"""The daemon's duty: a bad receiver harms nobody else, trouble is told, settings are followed, a kill loses nothing."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from agent.app.webhooks import ALARM_AFTER, Webhooks, deliveries, drop, retry, send_test
from agent.errors import Refused
from agent.events import Result
from agent.lab.receiver import WebhookReceiver
from agent.requests.webhooks.schedule import Ended, Schedule, Status
from agent.store.states import States
from inventory import load_workspace
from tests.unit.webhooks.conftest import QUICK, SECRET, Settings, put, request_event, until
from tests.unit.webhooks.liar import NETWORK, hangs, liar, says, tls_receiver

OTHER = "whsec_" + "b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldC1vdGhlcg=="
REFUSES = says(b"HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n")


def test_a_receiver_that_hangs_does_not_delay_another(configured: Settings) -> None:
    with liar(hangs) as port, WebhookReceiver(SECRET) as receiver:
        slow = (f"http://{NETWORK}:{port}/", SECRET, {"timeout_s": 30})
        app = configured(slow=slow, well=(receiver.url, SECRET, {}))
        put(app.engine, *(request_event(f"SSR-{number}") for number in range(20)))
        webhooks, inventory = Webhooks(app), load_workspace(app.root)
        until(lambda: len(receiver.events) == 20, lambda: webhooks.run(inventory))
        put(app.engine, request_event("SSR-99"))
        until(lambda: len(receiver.events) == 21, lambda: webhooks.run(inventory))
        assert "slow" in webhooks.busy
        assert [one["sequence"] for one in receiver.events] == list(range(1, 22))
    assert receiver.rejected == ()


def test_customers_and_states_choose_what_a_receiver_hears_of(configured: Settings) -> None:
    with WebhookReceiver(SECRET) as receiver:
        app = configured(desk=(receiver.url, SECRET, {"customers": '["acme"]', "states": '["applied", "refused"]'}))
        put(app.engine, *(request_event("SSR-1", state) for state in ("submitted", "planned", "applied")))
        put(app.engine, request_event("SSR-2", "refused", "beta"), request_event("SSR-3", "refused"))
        webhooks, inventory = Webhooks(app), load_workspace(app.root)
        until(lambda: len(receiver.events) == 2, lambda: webhooks.run(inventory))
        until(lambda: not deliveries(app).deliveries())
        assert [(one["request"], one["state"]) for one in receiver.events] == [
            ("SSR-1", "applied"),
            ("SSR-3", "refused"),
        ]


@pytest.mark.parametrize(
    ("secret", "more", "words"),
    [
        ("hunter2-hunter2", {}, "is no webhook secret"),
        ("", {}, "cannot be read"),
        (SECRET, {"ca_file": '"nowhere.pem"'}, "authorities cannot be read"),
        (SECRET, {"ca_file": '"spokesman.toml"'}, "authorities cannot be read"),
    ],
)
def test_what_the_settings_lack_is_told_and_holds_the_event(
    configured: Settings, secret: str, more: Mapping[str, str], words: str
) -> None:
    with WebhookReceiver(SECRET) as receiver:
        app = configured(desk=(receiver.url, secret, more))
        put(app.engine, request_event())
        webhooks = Webhooks(app, QUICK)
        until(lambda: deliveries(app).receivers() and deliveries(app).receivers()[0].last_error,
              lambda: webhooks.run(load_workspace(app.root)))  # fmt: skip
        error = deliveries(app).receivers()[0].last_error
        assert words in error
        assert "hunter2" not in error
        configured(desk=(receiver.url, SECRET, {}))
        until(lambda: len(receiver.events) == 1, lambda: webhooks.run(load_workspace(app.root)))


def test_both_secrets_sign_while_one_is_changed(configured: Settings) -> None:
    with WebhookReceiver(SECRET) as former, WebhookReceiver(OTHER) as new:
        app = configured(former=(former.url, OTHER, {"old": SECRET}), new=(new.url, OTHER, {"old": SECRET}))
        put(app.engine, request_event())
        webhooks = Webhooks(app)
        until(lambda: former.events and new.events, lambda: webhooks.run(app.inventory))
        assert (former.rejected, new.rejected) == ((), ())


@pytest.mark.usefixtures("localhost_is_ours")
def test_an_authority_in_the_workspace_is_trusted_for_the_receiver_that_names_it(configured: Settings) -> None:
    folder = configured().root
    with tls_receiver(folder, "desk.example", timedelta(days=1)) as (port, _authority):
        url = f"https://desk.example:{port}/"
        app = configured(desk=(url, SECRET, {"ca_file": '"ca.pem"'}), other=(url, SECRET, {}))
        assert send_test(app, "desk")[1].ended is Ended.TAKEN
        assert "certificate is refused" in send_test(app, "other")[1].why


def test_trouble_is_an_alarm_until_the_receiver_takes_events_again(
    configured: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = configured(desk=(f"http://{NETWORK}:9/", SECRET, {}))
    put(app.engine, request_event())
    webhooks, states = Webhooks(app, QUICK), States(app.engine)
    until(states.active_alarms, lambda: webhooks.run(load_workspace(app.root)))
    (alarm,) = states.active_alarms()
    assert (alarm.key.subject, alarm.key.kind) == ("webhook desk", "webhook_fails")
    assert "cannot be reached" in alarm.why
    assert deliveries(app).receivers()[0].failures >= ALARM_AFTER
    with WebhookReceiver(SECRET) as receiver:
        configured(desk=(receiver.url, SECRET, {}))
        until(lambda: not states.active_alarms(), lambda: webhooks.run(load_workspace(app.root)))
        assert len(receiver.events) == 1
    told = caplog.text
    assert "event 1 was not taken: it cannot be reached" in told
    assert SECRET not in told
    assert SECRET.removeprefix("whsec_") not in told


def test_what_is_given_up_is_in_the_audit_and_an_alarm_until_a_person_decides(configured: Settings) -> None:
    with liar(REFUSES) as port:
        app = configured(desk=(f"http://{NETWORK}:{port}/", SECRET, {}))
        put(app.engine, request_event("SSR-1"), request_event("SSR-2"))
        webhooks = Webhooks(app, Schedule(give_up_after=timedelta(0)))
        states, outbox = States(app.engine), deliveries(app)
        until(states.active_alarms, lambda: webhooks.run(app.inventory))
        until(lambda: not webhooks.busy)
    assert [one.status for one in outbox.deliveries()] == [Status.FAILED] * 2
    assert "2 events were given up" in states.active_alarms()[0].why
    given_up = [event for event in app.audit.events() if event.action == "webhook.send"]
    assert [(event.subject, event.result) for event in given_up] == [
        ("desk 1", Result.FAILED),
        ("desk 2", Result.FAILED),
    ]
    with WebhookReceiver(SECRET) as receiver:
        configured(desk=(receiver.url, SECRET, {}))
        drop(app, "desk", 1, "told by telephone")
        assert retry(app, "desk", None) == 1
        until(lambda: not states.active_alarms(), lambda: webhooks.run(load_workspace(app.root)))
        assert [one["request"] for one in receiver.events] == ["SSR-2"]
    done = [(event.action, event.why) for event in app.audit.events() if event.who == "ann"]
    assert done == [("webhook.drop", "told by telephone"), ("webhook.retry", "all")]


def test_a_receiver_that_left_the_settings_is_left_alone_and_found_again(configured: Settings) -> None:
    with WebhookReceiver(SECRET) as receiver:
        app = configured(desk=(f"http://{NETWORK}:9/", SECRET, {}))
        put(app.engine, request_event("SSR-1"))
        webhooks, states = Webhooks(app, QUICK), States(app.engine)
        until(states.active_alarms, lambda: webhooks.run(load_workspace(app.root)))
        configured()
        put(app.engine, request_event("SSR-2"))
        Webhooks(app, QUICK).run(load_workspace(app.root))
        assert not states.active_alarms()
        assert len(deliveries(app).deliveries()) == 1
        configured(desk=(receiver.url, SECRET, {}))
        until(lambda: receiver.events, lambda: webhooks.run(load_workspace(app.root)))
        assert [one["request"] for one in receiver.events] == ["SSR-1"]


def test_a_test_event_is_sent_at_once_and_told_apart(configured: Settings) -> None:
    with WebhookReceiver(SECRET) as receiver, liar(REFUSES) as port:
        app = configured(desk=(receiver.url, SECRET, {}), bad=(f"http://{NETWORK}:{port}/", SECRET, {}))
        event, attempt = send_test(app, "desk")
        assert attempt.ended is Ended.TAKEN
        assert [(one["id"], one["type"], one["sequence"]) for one in receiver.events] == [(event.id, "webhook.test", 0)]
        assert send_test(app, "bad")[1].ended is Ended.REFUSED
        with pytest.raises(Refused, match="no webhook 'desk2'"):
            send_test(app, "desk2")
    results = [event.result for event in app.audit.events() if event.action == "webhook.test"]
    assert results == [Result.DONE, Result.FAILED, Result.REFUSED]


def test_kill_9_while_sending_loses_nothing_and_keeps_the_order(configured: Settings) -> None:
    """Killed just as an event arrives, again and again: each comes at least once, its bytes never change."""
    killed: list[int] = []
    process: list[subprocess.Popen[bytes]] = []

    def told(arrived: object) -> None:
        if len(killed) < 5 and len(receiver.arrived) % 3 == 0:
            process[-1].send_signal(signal.SIGKILL)
            process[-1].wait(10)
            killed.append(process[-1].pid)

    receiver = WebhookReceiver(SECRET, told=told)
    with receiver:
        app = configured(desk=(receiver.url, SECRET, {}))
        states = ("submitted", "planned", "scheduled", "applying", "applied")
        put(app.engine, *(request_event(f"SSR-{number}", state) for state in states for number in range(5)))
        command = [sys.executable, "-m", "tests.unit.webhooks.process", str(app.root)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}

        def keep_running() -> None:
            if not process or process[-1].poll() is not None:
                process.append(subprocess.Popen(command, env=environment))

        try:
            until(lambda: len(killed) == 5 and not deliveries(app).deliveries(), keep_running, 120)
        finally:
            process[-1].kill()
            process[-1].wait(10)
    assert [(one["sequence"]) for one in receiver.events] == list(range(1, 26))
    for number in range(5):
        assert [one["state"] for one in receiver.events if one["request"] == f"SSR-{number}"] == list(states)
    assert len(receiver.arrived) >= 25 + len(killed)
    assert receiver.rejected == ()
