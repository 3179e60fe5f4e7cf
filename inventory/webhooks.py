"""[webhooks.NAME] of spokesman.toml: the systems that are told of request states."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from inventory.fields import Flag, Form, Line, Model, Name, SecretRef, Whole

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]{{2,45}}\])"
#: No login, no password and no fragment: what authenticates is the signature.
Url = Annotated[
    str,
    Form(
        rf"^https?://{_HOST}(?::[1-9]\d{{0,4}})?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[!$-;=?-Z_a-z~]*)?$",
        "a URL without a login, password or fragment: https://HOST/PATH",
    ),
]
RequestState = Literal[
    "submitted", "planned", "waiting_approval", "scheduled", "applying", "applied", "refused", "rolled_back",
    "cancelled",
]  # fmt: skip
#: What one workspace may have, so that each can be served by a thread of its own.
MOST_RECEIVERS = 32


class Webhook(Model):
    """One receiver: where it listens, what signs what is sent to it, and what it wants to hear of."""

    url: Url
    """https; plain http only to this machine itself, or where plain_http says so."""
    secret: SecretRef
    """Signs what is sent; of the form whsec_BASE64, 24 to 64 bytes."""
    previous_secret: SecretRef | None = None
    """The former secret while receivers change over: both sign."""
    customers: tuple[Name, ...] = ()
    """Only requests of these customers; of all where empty."""
    states: tuple[RequestState, ...] = ()
    """Only these states of a request; all where empty."""
    ca_file: Line | None = None
    """Authorities that the receiver's certificate is checked against, PEM, in the workspace; the system's if absent."""
    timeout_s: Annotated[Whole, Field(ge=1, le=60)] = 15
    """From the first byte to the end of the answer, in seconds."""
    plain_http: Flag = False
    """Allows http without TLS to another machine: what is sent can then be read on the way."""


Webhooks = Annotated[dict[Name, Webhook], Field(max_length=MOST_RECEIVERS)]
