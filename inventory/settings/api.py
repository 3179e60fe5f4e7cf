"""[api] of spokesman.toml: where the HTTP API listens, and its limits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inventory.fields import Flag, Form, Line, Model, Whole


class Rate(Model):
    """A token bucket: so many requests a second on the long run, and so many at once."""

    per_second: Annotated[float, Field(gt=0, le=10_000)]
    burst: Annotated[Whole, Field(ge=1, le=10_000)]


class Api(Model):
    """Where the HTTP API listens, and its limits."""

    listen: Annotated[
        str, Form(r"^(\d{1,3}(\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*)$", "an IP address: 127.0.0.1, 0.0.0.0 or ::1")
    ] = "127.0.0.1"
    port: Annotated[Whole, Field(ge=0, le=65535)] = 8443
    certificate: Line | None = None
    """A file with the server's certificate and its chain (PEM), relative to the workspace; with ``key``, TLS is on."""
    key: Line | None = None
    """The file with the certificate's private key (PEM), readable by its owner only."""
    plain_http: Flag = False
    """Listen on other addresses than this machine's own without TLS: only behind a proxy that adds it."""
    max_body_bytes: Annotated[Whole, Field(ge=1_024, le=1_048_576)] = 65_536
    max_header_bytes: Annotated[Whole, Field(ge=2_048, le=65_536)] = 16_384
    max_json_depth: Annotated[Whole, Field(ge=4, le=64)] = 16
    concurrency: Annotated[Whole, Field(ge=1, le=10)] = 8
    """Requests that are worked on at a time; those beyond wait for their turn, or are answered 503."""
    connections: Annotated[Whole, Field(ge=8, le=4_096)] = 256
    """Connections that are open at a time."""
    receive_timeout_s: Annotated[float, Field(ge=0.2, le=60)] = 10.0
    """How long a client may take to send a request."""
    request_timeout_s: Annotated[float, Field(ge=0.2, le=600)] = 120.0
    """How long a request may be worked on before it is answered 504; what it began goes on."""
    token_rate: Rate = Rate(per_second=10, burst=60)
    """For each token."""
    address_rate: Rate = Rate(per_second=50, burst=200)
    """For each client address, whatever its tokens."""
    failure_rate: Rate = Rate(per_second=0.2, burst=20)
    """For each client address, requests without a valid token."""
