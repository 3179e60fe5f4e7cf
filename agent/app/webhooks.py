"""Webhooks, wired: the daemon's duty that sends them, and what people ask and do about them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import random
from secrets import token_hex
from typing import TYPE_CHECKING

from agent.app.app import App, utc_now
from agent.app.beside import Beside
from agent.app.duties import Duty
from agent.config import Secrets, secrets_of
from agent.errors import ConfigurationProblem, Refused
from agent.events import Event, Result
from agent.incidents.incident import AGENT
from agent.monitoring.alarms import webhook as webhook_alarm
from agent.provisioning.owner import may_live, this_owner
from agent.requests.webhooks.delivering import Sender
from agent.requests.webhooks.event import RequestEvent, body_of
from agent.requests.webhooks.ports import Claimed, ReceiverState, Wants
from agent.requests.webhooks.schedule import Attempt, Ended, Schedule, Status, Verdict
from agent.requests.webhooks.signing import headers, key_of
from agent.store.deliveries import Deliveries
from agent.store.outbox import new_event_id
from agent.store.states import States
from inventory import Inventory
from inventory.webhooks import MOST_RECEIVERS, Webhook

if TYPE_CHECKING:
    from agent.drivers.webhook import Endpoint

log = logging.getLogger(__name__)

#: How often it is looked whether something is to be sent, in seconds.
PERIOD_S = 1.0
#: How often alarms are compared with what people did meanwhile, and what is long over is removed.
LOOK_EVERY, TIDY_EVERY = timedelta(seconds=30), timedelta(hours=6)
KEPT_FOR = timedelta(days=30)
#: A receiver that failed this often in a row, some minutes, is an alarm.
ALARM_AFTER = 5
TEST_KIND = "webhook.test"
_EVER = datetime.min.replace(tzinfo=utc_now().tzinfo)


def deliveries(app: App) -> Deliveries:
    """The workspace's deliveries."""
    return Deliveries(app.engine, may_live)


def wanted(webhook: Webhook) -> Wants:
    """What a receiver is told of, by its settings."""

    def wants(event: RequestEvent) -> bool:
        state = event.kind.rpartition(".")[2]
        return (not webhook.customers or event.customer in webhook.customers) and (
            not webhook.states or state in webhook.states
        )

    return wants


@dataclass
class Line:
    """Sends to receivers by one state of the settings; what it needs of a receiver is made ready once."""

    app: App
    webhooks: Mapping[str, Webhook]
    secrets: Secrets
    _ready: dict[str, tuple[Endpoint, tuple[bytes, ...]]] = field(default_factory=dict)

    def __call__(self, receiver: str, event: str, body: bytes) -> Attempt:
        """One attempt; what the settings do not allow to be sent is a failed one."""
        from agent.drivers.webhook import post  # an HTTP client, which commands that do not send do without

        try:
            if receiver not in self._ready:
                self._ready[receiver] = self._prepare(receiver)
        except ConfigurationProblem as problem:
            return Attempt(Ended.BROKEN, str(problem))
        endpoint, keys = self._ready[receiver]
        return post(endpoint, headers(event, utc_now(), body, keys), body)

    def check(self) -> None:
        """Raises ConfigurationProblem for the first receiver that nothing can be sent to by its settings."""
        for receiver in self.webhooks:
            self._prepare(receiver)

    def _prepare(self, receiver: str) -> tuple[Endpoint, tuple[bytes, ...]]:
        from agent.drivers.webhook import Endpoint, tls_context

        webhook, where = self.webhooks[receiver], f"spokesman.toml: webhooks.{receiver}"
        references = [one for one in (webhook.secret, webhook.previous_secret) if one is not None]
        keys = tuple(key_of(self.secrets(one), f"{where} ({one})") for one in references)
        authorities = str(self.app.root / webhook.ca_file) if webhook.ca_file else None
        try:
            return Endpoint(webhook.url, webhook.timeout_s, tls_context(authorities)), keys
        except OSError as error:  # so is what the TLS library raises for a file without certificates
            raise ConfigurationProblem(
                f"the authorities cannot be read ({error.strerror or 'no PEM certificates'})",
                where=f"{where}.ca_file",
                remedy="name a file of PEM certificates in the workspace",
            ) from None


class Webhooks:
    """Hands out and sends what is new; each receiver has a thread while there is something for it, and only one."""

    def __init__(self, app: App, schedule: Schedule | None = None) -> None:
        self._app, self._schedule = app, schedule or Schedule()
        self._outbox, self._states = deliveries(app), States(app.engine)
        self._beside = Beside("webhook", MOST_RECEIVERS)
        self._shown: dict[str, str | None] = {}
        self._looked, self._tidied = _EVER, _EVER

    def run(self, inventory: Inventory) -> None:
        """Start what is due and return; a slow receiver holds up nobody but itself."""
        now, webhooks = utc_now(), inventory.settings.webhooks
        self._outbox.hand_out({name: wanted(webhook) for name, webhook in webhooks.items()}, now)
        line = Line(self._app, webhooks, secrets_of(self._app.root, inventory.settings))
        for name in self._outbox.due(now):
            if name in webhooks:
                self._beside.begin(name, partial(self._serve, line, name))
        if not timedelta() <= now - self._looked < LOOK_EVERY:
            self._looked = now
            self._alarms(webhooks, now)
        if not timedelta() <= now - self._tidied < TIDY_EVERY:
            self._tidied = now
            self._outbox.forget(now - KEPT_FOR)

    @property
    def busy(self) -> frozenset[str]:
        """Receivers that something is being sent to."""
        return self._beside.busy

    def _serve(self, line: Line, name: str) -> None:
        sender = Sender(self._outbox, line, utc_now, random, lambda: token_hex(16), this_owner(), self._schedule)
        sender.serve(name, line.webhooks[name].timeout_s, self._tell)
        self._alarms(line.webhooks, utc_now(), name)

    def _tell(self, claimed: Claimed, verdict: Verdict) -> None:
        """Log a failed attempt; one that was the last is in the audit as well."""
        what = f"webhook {claimed.receiver}: event {claimed.sequence} was not taken"
        if verdict.status is not Status.FAILED:
            log.warning("%s: %s; next attempt %s", what, verdict.why, f"{verdict.next_at:%Y-%m-%d %H:%M:%S}Z")
            return
        log.error("%s and is given up: %s", what, verdict.why)
        subject = f"{claimed.receiver} {claimed.sequence}"
        event = Event(utc_now(), AGENT, "webhook.send", subject, claimed.event, Result.FAILED, verdict.why)
        self._app.audit.record(event)

    def _alarms(self, webhooks: Mapping[str, Webhook], now: datetime, only: str = "") -> None:
        """Raise and clear what changed since it was last looked."""
        for state in self._outbox.receivers():
            if only and state.name != only:
                continue
            problem = _problem(state) if state.name in webhooks else None
            if self._shown.get(state.name, "") != problem:
                self._states.apply(webhook_alarm(state.name, now, problem))
                self._shown[state.name] = problem


def _problem(state: ReceiverState) -> str | None:
    """What a person should know of a receiver; the same words as long as it is the same."""
    if state.failed:
        return f"{state.failed} events were given up, see `spokesman webhook list {state.name}`: {state.last_error}"
    if state.failures >= ALARM_AFTER:
        return f"takes no events, see `spokesman webhook list {state.name}`: {state.last_error}"
    return None


def webhook_duty(app: App) -> Duty:
    """What the daemon does about webhooks."""
    return Duty("webhooks", PERIOD_S, Webhooks(app).run)


def send_test(app: App, receiver: str) -> tuple[RequestEvent, Attempt]:
    """Send a receiver a test event now, outside of the order; raises Refused for one that the settings do not name."""
    with app.attempt("webhook.test", receiver) as inventory:
        webhooks = inventory.settings.webhooks
        if receiver not in webhooks:
            known = ", ".join(webhooks) or "none yet"
            raise Refused(
                f"there is no webhook {receiver!r}", where="spokesman.toml [webhooks]", remedy=f"known are: {known}"
            )
    event = RequestEvent(
        id=new_event_id(), kind=TEST_KIND, request="TEST", customer="test", site="", occurred_at=utc_now()
    )
    attempt = Line(app, webhooks, app.secrets)(receiver, event.id, body_of(event, 0))
    result = Result.DONE if attempt.ended is Ended.TAKEN else Result.FAILED
    app.audit.record(Event(utc_now(), app.who, "webhook.test", receiver, event.id, result, attempt.why))
    return event, attempt


def retry(app: App, receiver: str, sequence: int | None) -> int:
    """Let the daemon send again what failed or waits; returns how many."""
    with app.attempt("webhook.retry", receiver):
        count = deliveries(app).retry(receiver, sequence, utc_now())
    which = "all" if sequence is None else f"event {sequence}"
    app.audit.record(Event(utc_now(), app.who, "webhook.retry", receiver, which, Result.DONE, f"{count} to be sent"))
    return count


def drop(app: App, receiver: str, sequence: int, why: str) -> None:
    """Have one event sent no more."""
    with app.attempt("webhook.drop", f"{receiver} {sequence}", why):
        deliveries(app).drop(receiver, sequence, utc_now())
    app.audit.record(Event(utc_now(), app.who, "webhook.drop", f"{receiver} {sequence}", why, Result.DONE))
