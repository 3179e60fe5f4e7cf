"""The HTTPS below a WinRM session: whom the certificate must be for, how long waits may last, nothing tried again."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from pypsrp import wsman
from pypsrp.wsman import WSMan
from requests import Session
from requests.adapters import HTTPAdapter


@dataclass(frozen=True, slots=True)
class Limits:
    """Waits, in seconds: for a connection, for an answer, for output within an answer, and for a whole pipeline."""

    connect_s: float = 10
    answer_s: float = 40
    output_s: int = 20
    run_s: float = 300


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is reached, whom its certificate must name, and who logs in how."""

    host: str
    port: int
    name: str
    user: str
    password: str = field(repr=False)
    authentication: str = "negotiate"


class _Adapter(HTTPAdapter):
    """Asks for, and checks the certificate against, the server's own name and not the address that it is reached at."""

    def __init__(self, name: str) -> None:
        self._name = name
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As requests makes it, with the name."""
        super().init_poolmanager(*args, **kwargs, assert_hostname=self._name, server_hostname=self._name)


class _Transport(wsman._TransportHTTP):
    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        self._name = name
        super().__init__(*args, **kwargs)

    def _build_session(self) -> Session:
        session: Session = super()._build_session()
        session.trust_env = False
        session.mount("https://", _Adapter(self._name))
        return session


class _Wire(WSMan):
    """Receives without pypsrp's five further attempts: a server that hangs is told as one."""

    def receive(
        self,
        resource_uri: str,
        resource: Element,
        option_set: Any = None,
        selector_set: Any = None,
        timeout: int | None = None,
    ) -> Element:
        """One Receive."""
        answer = self.invoke(wsman.WSManAction.RECEIVE, resource_uri, resource, option_set, selector_set, timeout)
        body = answer.find("s:Body", wsman.NAMESPACES)
        if body is None:
            raise ValueError("an answer without a body")
        return body


def wire(place: Place, authority: Path | None, limits: Limits) -> WSMan:
    """A connection that nothing was sent on yet; ``authority`` is a PEM file, None: the system's authorities."""
    made = _Wire(
        place.host,
        port=place.port,
        ssl=True,
        auth=place.authentication,
        username=place.user,
        password=place.password,
        operation_timeout=limits.output_s,
    )
    made.transport = _Transport(
        place.name,
        place.host,
        port=place.port,
        username=place.user,
        password=place.password,
        ssl=True,
        auth=place.authentication,
        cert_validation=_authorities(authority),
        connection_timeout=limits.connect_s,
        read_timeout=limits.answer_s,
        no_proxy=True,
    )
    return made


def _authorities(authority: Path | None) -> str | bool:
    """The file of the settings, or the system's authorities; only where there are none those that requests brings."""
    system = ssl.get_default_verify_paths()
    return str(authority) if authority else system.cafile or system.capath or True
