"""Remote write, wired: where samples go by the settings that the daemon began with, and what authenticates there."""

from __future__ import annotations

import random
import ssl
from base64 import b64encode
from collections.abc import Callable

from agent.app.app import App
from agent.drivers.webhook import tls_context
from agent.errors import ConfigurationProblem
from agent.remote_write import Counts, Place, Queue, RemoteWrite, Transport
from agent.remote_write.samples import Samples
from inventory import Secret, UnknownName
from inventory.settings import RemoteWriteSettings

_WHERE = "spokesman.toml: remote_write"


def remote_write(app: Callable[[], App]) -> RemoteWrite | None:
    """What sends samples; None where nothing is to be sent. Secrets are read at each request, sites with each poll.

    Raises ConfigurationProblem where the authorities cannot be read.
    """
    settings = app().settings.remote_write
    if settings is None:
        return None
    counts = Counts()
    place = Place(settings.url, lambda: _authorization(app(), settings), _tls(app(), settings), settings.timeout_s)
    samples = Samples(lambda router: _site(app(), router), settings.series_per_router)
    return RemoteWrite(Queue(settings.queue_polls, counts), samples, Transport(place), counts, random.random)


def _tls(app: App, settings: RemoteWriteSettings) -> ssl.SSLContext:
    try:
        return tls_context(str(app.root / settings.ca_file) if settings.ca_file else None)
    except OSError as error:  # so is what the TLS library raises for a file without certificates
        raise ConfigurationProblem(
            f"the authorities cannot be read ({error.strerror or 'no PEM certificates'})",
            where=f"{_WHERE}.ca_file",
            remedy="name a file of PEM certificates in the workspace",
        ) from None


def _authorization(app: App, settings: RemoteWriteSettings) -> str:
    if settings.bearer_token is not None:
        token = _usable(app.secrets(settings.bearer_token), "bearer_token")
        return f"Bearer {token}"
    if settings.username is not None and settings.password is not None:
        password = app.secrets(settings.password).reveal()
        return f"Basic {b64encode(f'{settings.username}:{password}'.encode()).decode()}"
    return ""


def _usable(secret: Secret, field: str) -> str:
    text = secret.reveal()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationProblem(
            "the token has blanks, or characters that no header can have", where=f"{_WHERE}.{field}",
            remedy="read it from where it stands alone",
        )  # fmt: skip
    return text


def _site(app: App, router: str) -> str | None:
    try:
        return app.inventory.router(router).key
    except UnknownName:
        return None
