"""[remote_write] of spokesman.toml: the Prometheus, or another system, that the samples of all polls are sent to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from inventory.fields import Flag, Line, Model, SecretRef, Whole, refusal
from inventory.webhooks import Url


class RemoteWriteSettings(Model):
    """Where samples go, what authenticates there, and how much may wait for it."""

    url: Url
    """https, and the whole path, such as https://prometheus.example/api/v1/write."""
    bearer_token: SecretRef | None = None
    username: Line | None = None
    """With ``password``: basic authentication."""
    password: SecretRef | None = None
    ca_file: Line | None = None
    """Authorities that the receiver's certificate is checked against, PEM, in the workspace; the system's if absent."""
    plain_http: Flag = False
    """Allows http without TLS to another machine: samples and the secret can then be read on the way."""
    timeout_s: Annotated[Whole, Field(ge=1, le=120)] = 30
    queue_polls: Annotated[Whole, Field(ge=100, le=1_000_000)] = 50_000
    """Polls that may wait; where more do, the oldest are dropped. One takes about a kilobyte of memory."""
    series_per_router: Annotated[Whole, Field(ge=10, le=20_000)] = 1_000
    """Of what one router tells; what is beyond is left out and counted."""

    @model_validator(mode="after")
    def _one_way_to_authenticate(self) -> RemoteWriteSettings:
        if (self.username is None) != (self.password is None):
            raise refusal("username and password need each other", "add the other, or remove this one")
        if self.bearer_token is not None and self.username is not None:
            raise refusal("authenticates in two ways", "give bearer_token, or username and password")
        return self
