"""spokesman webhook: who is told of request states, what waits or failed, and what a person does about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from agent.cli.command import NOT_REACHED, Json, app_of, fail, speaking
from agent.errors import Refused
from agent.requests.webhooks.schedule import Ended
from inventory.webhooks import Webhook

if TYPE_CHECKING:
    from agent.requests.webhooks.ports import Delivery, ReceiverState

webhook_commands = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Webhooks: who is told of request states, and what waits."
)

Receiver = Annotated[str, typer.Argument(help="A name of [webhooks] in spokesman.toml.")]
Receivers = Annotated[str, typer.Argument(help="One receiver; all without.")]
Sequence = Annotated[int, typer.Argument(help="The event's number, as `webhook list` shows it.", min=1)]
All = Annotated[bool, typer.Option("--all", help="Delivered and dropped events of the past month too.")]


@webhook_commands.command(name="list")
def list_(context: typer.Context, receiver: Receivers = "", all_: All = False, as_json: Json = False) -> None:
    """Show the receivers, what waits for each and why, and what was given up."""
    from agent.app.webhooks import deliveries

    with speaking(as_json) as output:
        app = app_of(context)
        named, outbox = app.settings.webhooks, deliveries(app)
        states = {one.name: one for one in outbox.receivers()}
        names = [one for one in sorted({*named, *states}) if receiver in ("", one)]
        if receiver and not names:
            known = ", ".join(sorted({*named, *states})) or "none yet"
            raise Refused(
                f"there is no webhook {receiver!r}", where="spokesman.toml [webhooks]", remedy=f"known are: {known}"
            )
        shown = outbox.deliveries(receiver, ended=all_)
        receivers = [_receiver(name, named.get(name), states.get(name)) for name in names]
        output.table(
            ("receiver", "url", "pending", "failed", "last taken", "rests until", "last error"),
            [(one["name"], one["url"], one["pending"], one["failed"], one["succeeded_at"], one["rests_until"],
              one["last_error"] or None) for one in receivers],
            empty="No receiver is named in [webhooks] of spokesman.toml.",
        )  # fmt: skip
        if shown:
            output.say()
            output.table(
                ("receiver", "event", "kind", "request", "status", "attempts", "next attempt", "last error"),
                [(one.receiver, one.sequence, one.kind, one.request, one.status, one.attempts, _next(one),
                  one.last_error or None) for one in shown],
            )  # fmt: skip
        output.result({"receivers": receivers, "deliveries": shown})


@webhook_commands.command()
def show(context: typer.Context, receiver: Receiver, sequence: Sequence, as_json: Json = False) -> None:
    """Show one event as it is sent, and how far it is."""
    from agent.app.webhooks import deliveries

    with speaking(as_json) as output:
        one, body = deliveries(app_of(context)).delivery(receiver, sequence)
        document = json.loads(body)
        output.say(f"{one.receiver} {one.sequence}: {one.kind} of {one.request}, {one.status}, {one.attempts} attempts")
        output.say(f"id {one.event}, queued {one.queued_at:%Y-%m-%d %H:%M:%S}Z")
        if one.last_error:
            output.say(f"last error: {one.last_error}")
        output.say(json.dumps(document, indent=2))
        output.result({"delivery": one, "body": document})


@webhook_commands.command()
def retry(
    context: typer.Context,
    receiver: Receiver,
    sequence: Annotated[int | None, typer.Argument(help="One event; without, all that failed or wait.", min=1)] = None,
    as_json: Json = False,
) -> None:
    """Have the daemon send again, at once, what was given up or waits for its next attempt."""
    from agent.app import webhooks

    with speaking(as_json) as output:
        count = webhooks.retry(app_of(context), receiver, sequence)
        output.say(f"{receiver}: {count} events will be sent as soon as the daemon runs.")
        output.result({"receiver": receiver, "to_be_sent": count})


@webhook_commands.command()
def drop(
    context: typer.Context,
    receiver: Receiver,
    sequence: Sequence,
    reason: Annotated[str, typer.Option(help="Why it need not be sent, for the audit.")],
    as_json: Json = False,
) -> None:
    """Send one event no more; later events of its request go on."""
    from agent.app import webhooks

    with speaking(as_json) as output:
        webhooks.drop(app_of(context), receiver, sequence, reason)
        output.say(f"{receiver}: event {sequence} is dropped.")
        output.result({"receiver": receiver, "sequence": sequence, "status": "dropped"})


@webhook_commands.command(name="test")
def send_one(context: typer.Context, receiver: Receiver, as_json: Json = False) -> None:
    """Send a receiver a signed test event now, and say what came of it."""
    from agent.app.webhooks import send_test

    with speaking(as_json) as output:
        event, attempt = send_test(app_of(context), receiver)
        taken = attempt.ended is Ended.TAKEN
        style = "green" if taken else "red"
        output.say(f"{receiver}: took the test event." if taken else f"{receiver}: {attempt.why}", style=style)
        output.result({"receiver": receiver, "id": event.id, "taken": taken, "why": attempt.why})
        if not taken:
            fail(NOT_REACHED)


def _next(one: Delivery) -> object:
    return one.next_at if one.status == "pending" else None


def _receiver(name: str, webhook: Webhook | None, state: ReceiverState | None) -> dict[str, object]:
    """A receiver by the settings and as it behaves; its URL without a query, which may hold what is not to be shown."""
    url = urlsplit(webhook.url)._replace(query="").geturl() if webhook else ""
    return {
        "name": name,
        "in_settings": webhook is not None,
        "url": url or "no longer in spokesman.toml",
        "pending": state.pending if state else 0,
        "failed": state.failed if state else 0,
        "failures": state.failures if state else 0,
        "succeeded_at": state.succeeded_at if state else None,
        "failed_at": state.failed_at if state else None,
        "rests_until": state.rests_until if state else None,
        "last_error": state.last_error if state and state.failed_at else "",
    }
