"""A change of a request's state as other systems are told of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, field_validator

#: A body stays below this many bytes; data that would make it larger is left out and fetched through the API.
DATA_LIMIT = 32_768
_LEFT_OUT: Mapping[str, JsonValue] = {"left_out": "too large for a webhook: read the request"}

#: An event's identity: unique, never a dot in it, because the signature joins it to what follows with one.
EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class RequestEvent(BaseModel):
    """One event; ``kind`` is ``request.`` and the state entered, ``data`` what a receiver should know beside it.

    ``data`` is JSON and holds no secret; more than 32 KiB of it is replaced by a note, because a state is told
    whatever its size.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: EventId
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z_]+)+$", max_length=40)]
    request: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    customer: Annotated[str, StringConstraints(min_length=1, max_length=63)]
    site: Annotated[str, StringConstraints(max_length=80)]
    occurred_at: AwareDatetime
    data: Mapping[str, JsonValue] = Field(default_factory=dict)

    @field_validator("data")
    @classmethod
    def _small(cls, data: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        return data if len(_dump(data)) <= DATA_LIMIT else _LEFT_OUT


def body_of(event: RequestEvent, sequence: int) -> bytes:
    """The bytes that are sent, the same on each attempt: ASCII JSON; ``sequence`` counts a receiver's events from 1."""
    document = {
        "type": event.kind,
        "timestamp": event.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "id": event.id,
        "sequence": sequence,
        "request": event.request,
        "state": event.kind.rpartition(".")[2],
        "customer": event.customer,
        "site": event.site,
        "data": event.data,
    }
    return _dump(document).encode("ascii")


def data_text(event: RequestEvent) -> str:
    """The event's data as ASCII JSON, to be stored."""
    return _dump(event.data)


def stored_event(values: Mapping[str, str], occurred_at: datetime, data: str) -> RequestEvent:
    """The event that was stored as these columns."""
    return RequestEvent(**values, occurred_at=occurred_at, data=json.loads(data))


def _dump(document: object) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
