"""Sessions with Lync servers over WinRM: pypsrp on HTTPS, with every wait bounded and every failure one of ours.

No text of pypsrp's is passed on: its logs hold requests with their bodies and are silenced.
"""

from __future__ import annotations

import html
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from xml.etree.ElementTree import ParseError

import requests
from pypsrp.complex_objects import GenericComplexObject, PSInvocationState
from pypsrp.exceptions import AuthenticationError, WinRMError
from pypsrp.messages import ErrorRecordMessage
from pypsrp.powershell import PowerShell, RunspacePool

from agent.config import Secrets
from agent.drivers.winrm_wire import Limits, Place, wire
from agent.errors import (
    AuthenticationRefused,
    CommandRejected,
    DeviceError,
    DeviceTimeout,
    HostKeyRefused,
    IncompleteOutput,
    Refused,
    Unreachable,
)
from agent.lync.ports import Argument, Output
from device_templates.lync import Value
from inventory import ServerView
from inventory.settings import Credentials, WinrmCredentials

logging.getLogger("pypsrp").setLevel(logging.CRITICAL)

#: Where a server's WinRM listens for HTTPS.
PORT = 5986
#: How much of an error's text is shown.
_SHOWN = 300
#: What the libraries raise for what a server or the network does; a lying answer shows as anything.
_FAILURES = (
    requests.RequestException,
    WinRMError,
    ParseError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)


@dataclass(frozen=True)
class WinrmServers:
    """Implements ``agent.lync.ports.Servers``; ``reached`` says where this machine reaches an address and port."""

    credentials: Mapping[str, Credentials]
    secrets: Secrets
    reached: Callable[[IPv4Address, int], tuple[str, int]]
    authority: Path | None
    authentication: str = "negotiate"
    limits: Limits = field(default_factory=Limits)

    @contextmanager
    def open(self, view: ServerView) -> Iterator[WinrmSession]:
        """A session with a server, Lync's cmdlets at hand."""
        host, port = self.reached(view.server.address, PORT)
        user, password = self._login(view)
        place = Place(host, port, view.server.fqdn or str(view.server.address), user, password, self.authentication)
        with told(view.name, f"{host}:{port}", password):
            connection = wire(place, self.authority, self.limits)
            pool = RunspacePool(connection)
            pool.open()
        session = WinrmSession(view.name, pool, self.limits, password)
        try:
            session.call("Import-Module", {"Name": "Lync"})
            yield session
        finally:
            with suppress(*_FAILURES):
                pool.close()
            connection.transport.close()

    def _login(self, view: ServerView) -> tuple[str, str]:
        name = view.server.credentials
        found = self.credentials.get(name)
        if not isinstance(found, WinrmCredentials):
            raise Refused(f"credentials {name!r} are not of kind winrm", where=view.name, remedy="see spokesman.toml")
        return found.username, self.secrets(found.password).reveal()


class WinrmSession:
    """An open session; implements ``agent.lync.ports.Session``."""

    def __init__(self, server: str, pool: RunspacePool, limits: Limits, password: str) -> None:
        self._server = server
        self._pool = pool
        self._limits = limits
        self._password = password

    def call(
        self, cmdlet: str, parameters: Mapping[str, Argument] | None = None, select: tuple[str, ...] = ()
    ) -> tuple[Output, ...]:
        """Run one cmdlet; with ``select``, only these properties of what it puts out."""
        shell = PowerShell(self._pool)
        shell.add_cmdlet(cmdlet)
        for name, value in (parameters or {}).items():
            shell.add_parameter(name, list(value) if isinstance(value, tuple) else value)
        if select:
            shell.add_cmdlet("Select-Object").add_parameter("Property", list(select))
        return self._invoked(shell, cmdlet)

    def run(self, script: str) -> tuple[Output, ...]:
        """Run a script to its end."""
        shell = PowerShell(self._pool)
        shell.add_script(script)
        return self._invoked(shell, "the script")

    def _invoked(self, shell: PowerShell, what: str) -> tuple[Output, ...]:
        """Run to the end; anything in the error stream is a failure."""
        deadline = time.monotonic() + self._limits.run_s
        with told(self._server, f"running {what}", self._password):
            shell.begin_invoke()
            while shell.state == PSInvocationState.RUNNING:
                if time.monotonic() > deadline:
                    raise DeviceTimeout(f"{what} takes longer than {self._limits.run_s:g} s", where=self._server)
                shell.poll_invoke()
            if shell.state != PSInvocationState.COMPLETED or shell.streams.error:
                raise self._rejected(shell, what)
            return tuple(_output(one) for one in shell.output)

    def _rejected(self, shell: PowerShell, what: str) -> DeviceError:
        texts = [_error_text(one) for one in shell.streams.error] or ["it stopped without a reason"]
        told_text = " ".join("; ".join(texts).split()).replace(self._password, "***")[:_SHOWN]
        return CommandRejected(f"{what}: {told_text}", where=self._server)


@contextmanager
def told(server: str, doing: str, password: str) -> Iterator[None]:
    """Turn what the libraries raise into one of our errors, without what they say of requests."""
    try:
        yield
    except DeviceError:
        raise
    except AuthenticationError:
        raise AuthenticationRefused(
            "WinRM refuses the login: a wrong, locked or expired password, or a way of login it does not offer",
            where=server,
            remedy="check the credentials that the inventory names, and [lync] authentication",
        ) from None
    except requests.exceptions.SSLError as error:
        raise HostKeyRefused(
            f"its certificate is refused ({_tls_reason(error)})",
            where=server,
            remedy="check [lync] ca_file, the server's fqdn in the inventory, and its WinRM listener",
        ) from None
    except requests.exceptions.ConnectTimeout:
        raise Unreachable(f"WinRM does not answer ({doing})", where=server, remedy=_LATER) from None
    except requests.exceptions.Timeout:
        raise DeviceTimeout(f"WinRM stopped answering ({doing})", where=server, remedy=_LATER) from None
    except requests.exceptions.ConnectionError:
        raise Unreachable(f"WinRM cannot be reached or hung up ({doing})", where=server, remedy=_LATER) from None
    except _FAILURES as error:
        reason = str(error).replace(password, "***")[:_SHOWN] if isinstance(error, WinRMError) else type(error).__name__
        raise IncompleteOutput(f"WinRM's answer cannot be used ({doing}: {reason})", where=server) from None


_LATER = "try again when it answers; spokesman status shows since when it has not"


def _tls_reason(error: Exception) -> str:
    text = str(error)
    if "mismatch" in text or "doesn't match" in text:
        return "it is for another name"
    if "self-signed" in text or "self signed" in text or "unable to get local issuer" in text:
        return "no known authority issued it"
    return "it has expired" if "expired" in text else "TLS failed"


def _error_text(record: ErrorRecordMessage) -> str:
    return str(getattr(record, "to_string", None) or record)


def _output(value: object) -> Output:
    """What PowerShell put out, in plain values; an object as its properties."""
    if isinstance(value, GenericComplexObject):
        properties = {**value.adapted_properties, **value.extended_properties}
        if properties:
            return {str(key): _value(one) for key, one in properties.items()}
        return _value(value)
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    return _value(value)


def _value(value: object) -> Value:
    """A property: enumerations and addresses by their text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple | set):
        return tuple(str(_value(one)) for one in value)
    text = getattr(value, "to_string", None)
    items = _items(value)
    return items if items is not None else text


def _items(value: object) -> tuple[str, ...] | None:
    """What a list of a type that pypsrp does not know holds, such as Lync's own; None for what is no list."""
    xml = str(getattr(value, "_xml", ""))
    if not re.search(r"<(LST|IE|STK|QUE)[ >/]", xml):
        return None
    return tuple(html.unescape(text) for text in re.findall(r"<S(?: [^>]*)?>([^<]*)</S>", xml))
