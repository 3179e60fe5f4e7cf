"""In the demonstration another system asks for a change over the API, and is told what became of it."""

from __future__ import annotations

import base64
import json
import secrets as randomness
from collections.abc import Mapping
from typing import Any

import httpx

from agent.demo.stage import Stage, StoryBroken
from agent.lab.receiver import WebhookReceiver

HOOK_FILE = "secrets/desk-hook"
WANTED, OVERLAPPING = "10.10.12.0/22", "10.10.3.0/24"
STATES = ["submitted", "planned", "waiting_approval", "scheduled", "applying", "applied"]


def _route(prefix: str) -> dict[str, object]:
    """A request for a route to a network behind Leeds' LAN."""
    parameters = {"vpn": "corporate", "prefix": prefix, "via": "10.10.2.254"}
    return {"kind": "add_static_route", "customer": "acme", "site": "leeds", "parameters": parameters}


class Caller:
    """Another system: it has a token, and speaks to the API."""

    def __init__(self, port: int, token: str) -> None:
        self._url, self._token = f"http://127.0.0.1:{port}/v1", token

    def post(self, path: str, document: object, key: str) -> tuple[int, dict[str, Any]]:
        """Status and document of the answer, whatever it is."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        answer = httpx.post(self._url + path, json=document, headers=headers, timeout=30)
        return answer.status_code, answer.json()


def receiver_of(stage: Stage) -> WebhookReceiver:
    """A receiver with a secret of its own, which is put where the settings look for it."""
    secret = "whsec_" + base64.b64encode(randomness.token_bytes(32)).decode()
    path = stage.workspace / HOOK_FILE
    path.write_text(secret, encoding="utf-8")
    path.chmod(0o600)
    return WebhookReceiver(secret)


def ask(stage: Stage, caller: Caller, receiver: WebhookReceiver) -> None:
    """A route is asked for, twice by mistake; it is approved, applied, and every state was told."""
    wanted = _route(WANTED)
    stage.tell(f"  → POST /v1/requests {json.dumps(wanted)}")
    status, request = caller.post("/requests", wanted, "order-1")
    stage.claim(status == 201, f"taken as {request.get('request')}")
    _, again = caller.post("/requests", wanted, "order-1")
    stage.claim(again["request"] == request["request"], "sent again with the same key, it is the same request")
    _, refused = caller.post("/requests", _route(OVERLAPPING), "order-2")
    stage.claim(refused["state"] == "refused", f"a route over York's LAN is refused: {refused.get('reason')}")
    reference = request["request"]
    stage.wait_for("the request waits for approval", lambda: _in_state(stage, reference, "waiting_approval"), 60)
    stage.run("request", "show", reference, lines=30)
    stage.run("request", "approve", reference, lines=1)
    stage.wait_for("the request is applied", lambda: _in_state(stage, reference, "applied"), 90)
    told = receiver.wait_for(lambda events: _states(events, reference) == STATES, 20)
    stage.claim(told, f"signed webhooks told of each state, in order: {', '.join(_states(receiver.events, reference))}")
    stage.claim(not receiver.rejected, "every signature was right")


def _in_state(stage: Stage, reference: str, state: str) -> bool | None:
    """True once the request is in that state; the story breaks where it has ended in another."""
    request = stage.ask("request", "show", reference)
    if request["state"] in ("refused", "rolled_back", "cancelled"):
        raise StoryBroken(f"{reference} is {request['state']}: {request['reason']}")
    return True if request["state"] == state else None


def _states(events: tuple[Mapping[str, Any], ...], reference: str) -> list[str]:
    return [event["state"] for event in events if event["request"] == reference]
