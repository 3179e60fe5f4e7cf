"""docs/webhooks.md tells the truth: its recipes verify what is sent, and its table is the schedule."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agent.requests.webhooks.event import body_of
from agent.requests.webhooks.schedule import Schedule
from agent.requests.webhooks.signing import headers, key_of
from inventory import Secret
from inventory.webhooks import MOST_RECEIVERS, Webhook
from tests.unit.webhooks.conftest import NOW, SECRET, request_event

DOCUMENT = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()


def _recipe(language: str, word: str) -> str:
    (found,) = [text for text in re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL) if word in text]
    return str(found)


def test_the_recipe_in_python_believes_what_is_genuine_only() -> None:
    place: dict[str, Any] = {}
    exec(_recipe("python", "def genuine"), place)  # noqa: S102 - the page's own recipe is what is tested
    event, now = request_event(), NOW.timestamp()
    body = body_of(event, 1)
    head = dict(headers(event.id, NOW, body, [bytes(32), key_of(Secret(SECRET), "")]))
    genuine = place["genuine"]
    assert genuine(head, body, SECRET, lambda: now)
    assert not genuine(head, body + b" ", SECRET, lambda: now)
    assert not genuine(head, body, SECRET, lambda: now + 301)
    assert not genuine({**head, "webhook-id": "evt_x"}, body, SECRET, lambda: now)
    assert not genuine(head, body, "whsec_" + "B" * 44, lambda: now)


def test_the_recipe_for_the_shell_computes_the_signature(tmp_path: Path) -> None:
    event = request_event()
    body = body_of(event, 1)
    (tmp_path / "body").write_bytes(body)
    head = headers(event.id, NOW, body, [key_of(Secret(SECRET), "")])
    told = subprocess.run(
        ["sh", "-c", _recipe("sh", "openssl dgst")],
        env={
            "PATH": "/usr/bin:/bin",
            "SECRET": SECRET,
            "ID": event.id,
            "TIMESTAMP": head["webhook-timestamp"],
            "BODY": str(tmp_path / "body"),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert told.stdout.strip() == head["webhook-signature"]


def test_the_settings_and_the_schedule_are_the_ones_described() -> None:
    for key in Webhook.model_fields:
        assert f"`{key}`" in DOCUMENT
    seconds = [Schedule().delay(number, 0.5).total_seconds() for number in range(1, 8)]
    assert [f"{one:.0f} s" if one < 60 else f"{one / 60:.0f} min" for one in seconds[:6]] == [
        "5 s", "15 s", "45 s", "2 min", "7 min", "20 min",
    ]  # fmt: skip
    assert "5 s, 15 s, 45 s, 2 min, 7 min, 20 min" in DOCUMENT
    assert seconds[6] == 3600
    assert Schedule().give_up_after.days == 3
    assert f"At most {MOST_RECEIVERS} receivers" in DOCUMENT


@pytest.mark.parametrize(
    "url",
    [
        "https://user:PLANTED@desk.example/",
        "https://PLANTED@desk.example/",
        "https://desk.example/#PLANTED",
        "ftp://desk.example/PLANTED",
        "https://",
        "https:///x",
        "https://desk..example/",
        "https://-desk.example/",
        "https://desk.example:0/",
        "https://desk.example:https/",
        "https://desk.example/a b",
        "https://desk.example/\r\nx: PLANTED",
        "https://désk.example/",
        "https://desk.example\\@evil.example/",
        "file:///etc/passwd",
        "desk.example",
    ],
)
def test_a_url_that_could_hide_something_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="must be a URL") as refused:
        Webhook.model_validate({"url": url, "secret": "env:S"})
    assert "PLANTED" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("states", ["done"]),
        ("states", "applied"),
        ("timeout_s", 0),
        ("timeout_s", 61),
        ("timeout_s", True),
        ("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("secret", "hunter2 PLANTED"),
        ("plain_http", "yes"),
        ("retries", 3),
    ],
)
def test_settings_with_a_wrong_or_unknown_key_are_refused(key: str, value: object) -> None:
    with pytest.raises(ValueError, match=key) as refused:
        Webhook.model_validate({"url": "https://desk.example/", "secret": "env:S", key: value})
    assert "MfKQ9" not in str(refused.value)
    assert "PLANTED" not in str(refused.value)
