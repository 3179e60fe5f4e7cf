"""The stub's WSMan door: SOAP over HTTPS with Basic authentication, as a Lync server's WinRM listener answers it.

It is a stub: there is no Windows and no PowerShell behind it. What it proves: that the client speaks WSMan and PSRP to
an implementation by other people (psrpcore), that scripts keep to cmdlets and parameters that the vendor documents for
the release, and that they do to its objects what they should. What it does not prove: how a real server takes them.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import socket
import ssl
import time
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from xml.sax.saxutils import escape

from agent.lab.winrm.deployment import Deployment
from agent.lab.winrm.shell import Shell

_SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
_NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "rsp": _SHELL,
    "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
    "psrp": "http://schemas.microsoft.com/powershell",
}
#: WSMan's code for an operation that has nothing to tell yet.
_TIMED_OUT = 2150858793
_UNKNOWN_SHELL = 2150858843
#: How long a Receive waits for output before it says that there is none, in seconds.
_PATIENCE_S = 1.0
_LARGEST = 20_000_000


@dataclass
class Faults:
    """What goes wrong; changed while the stub runs.

    ``refuses``: no login is good, as with an expired password. ``hangs``: requests get no answer. ``halves``: answers
    end in the middle. What a cmdlet does wrong is the deployment's: see its ``before``.
    """

    refuses: bool = False
    hangs: bool = False
    halves: bool = False


class WsmanStub:
    """A WinRM listener on ``host``:``port`` (0: any free port) for one server of ``deployment``.

    ``logins`` maps user names to passwords. With ``context``, TLS. ``start`` listens when it returns; ``stop`` ends it.
    """

    def __init__(
        self,
        deployment: Deployment,
        logins: Mapping[str, str],
        host: str = "127.0.0.1",
        port: int = 0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.deployment = deployment
        self.logins = logins
        self.faults = Faults()
        self.shells: dict[str, Shell] = {}
        self.stopping = Event()
        self._server = _Server((host, port), self, context)
        self.host, self.port = host, int(self._server.server_address[1])

    def start(self) -> WsmanStub:
        """Listen, in a thread of its own."""
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def use(self, context: ssl.SSLContext) -> None:
        """Show another certificate from the next connection on."""
        self._server.context = context

    def stop(self) -> None:
        """Listen no more and let go of the port."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, place: tuple[str, int], stub: WsmanStub, context: ssl.SSLContext | None) -> None:
        self.stub = stub
        self.context = context
        super().__init__(place, _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection; the TLS handshake is made here, in the connection's own thread."""
        request.settimeout(30)
        if self.context is not None:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is the client's affair."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Requests hold passwords: nothing is logged."""

    def do_POST(self) -> None:
        """One WSMan request."""
        stub = self.server.stub
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, _LARGEST))
        while stub.faults.hangs and not stub.stopping.is_set():
            time.sleep(0.05)
        if not self._may_enter():
            self._refuse()
        elif self.path != "/wsman":
            self._answer(404, b"")
        else:
            self._serve(body)

    def _may_enter(self) -> bool:
        stub = self.server.stub
        kind, _, code = (self.headers.get("Authorization") or "").partition(" ")
        if kind.lower() != "basic" or stub.faults.refuses:
            return False
        try:
            user, _, password = base64.b64decode(code, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return hmac.compare_digest(stub.logins.get(user, "").encode(), password.encode()) and user in stub.logins

    def _refuse(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="WSMAN"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _serve(self, body: bytes) -> None:
        try:
            request = _Request(_parsed(body))
        except (ElementTree.ParseError, KeyError):
            self._answer(400, b"")
            return
        code, answer = request.answered(self.server.stub)
        if code == 0:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._answer(code, answer)

    def _answer(self, code: int, text: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/soap+xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.server.stub.faults.halves and text:
            self.wfile.write(text[: len(text) // 2])
            self.close_connection = True
            return
        self.wfile.write(text)


class _Request:
    """A SOAP envelope and what it asks for."""

    def __init__(self, envelope: ElementTree.Element) -> None:
        self._envelope = envelope
        self._action = self._text("s:Header/a:Action").rpartition("/")[2]
        self._message = self._text("s:Header/a:MessageID")
        selector = envelope.find("s:Header/w:SelectorSet/w:Selector[@Name='ShellId']", _NAMES)
        self._shell = (selector.text or "").upper() if selector is not None else ""

    def answered(self, stub: WsmanStub) -> tuple[int, bytes]:
        """HTTP status and body; status 0: the connection is to be cut."""
        body = self._envelope.find("s:Body", _NAMES)
        if body is None:
            return 400, b""
        if self._action == "Create":
            return self._created(stub, body)
        shell = stub.shells.get(self._shell)
        if shell is None:
            return self._fault(_UNKNOWN_SHELL, "the shell does not exist")
        if self._action == "Command":
            return self._command(shell, body)
        if self._action == "Send":
            stream = body.find(".//rsp:Stream", _NAMES)
            if stream is not None:
                shell.feed(base64.b64decode(stream.text or ""), _number(stream.get("CommandId")))
            return self._told("SendResponse", "<rsp:SendResponse/>")
        if self._action == "Receive":
            return self._received(shell, body)
        if self._action == "Delete":
            stub.shells.pop(self._shell, None)
            return self._told("DeleteResponse", "")
        return self._told("SignalResponse", "<rsp:SignalResponse/>")

    def _created(self, stub: WsmanStub, body: ElementTree.Element) -> tuple[int, bytes]:
        asked = body.find("rsp:Shell", _NAMES)
        creation = body.find(".//psrp:creationXml", _NAMES)
        if asked is None or creation is None:
            return 400, b""
        name = (asked.get("ShellId") or str(uuid.uuid4())).upper()
        shell = stub.shells[name] = Shell(stub.deployment)
        shell.feed(base64.b64decode(creation.text or ""))
        resource = "http://schemas.microsoft.com/powershell/Microsoft.PowerShell"
        return self._told(
            "CreateResponse",
            "<x:ResourceCreated><a:Address>http://127.0.0.1/wsman</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{resource}</w:ResourceURI><w:SelectorSet><w:Selector Name='ShellId'>{name}</w:Selector>"
            "</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
            f"<rsp:Shell><rsp:ShellId>{name}</rsp:ShellId><rsp:ResourceUri>{resource}</rsp:ResourceUri>"
            "<rsp:State>Connected</rsp:State></rsp:Shell>",
        )

    def _command(self, shell: Shell, body: ElementTree.Element) -> tuple[int, bytes]:
        line, arguments = body.find("rsp:CommandLine", _NAMES), body.find(".//rsp:Arguments", _NAMES)
        number = _number(line.get("CommandId")) if line is not None else None
        if number is None or arguments is None:
            return 400, b""
        shell.feed(base64.b64decode(arguments.text or ""), number)
        told = f"<rsp:CommandResponse><rsp:CommandId>{str(number).upper()}</rsp:CommandId></rsp:CommandResponse>"
        return self._told("CommandResponse", told)

    def _received(self, shell: Shell, body: ElementTree.Element) -> tuple[int, bytes]:
        asked = body.find(".//rsp:DesiredStream", _NAMES)
        number = _number(asked.get("CommandId")) if asked is not None else None
        pieces, over = shell.take(number, _PATIENCE_S)
        if shell.cut:
            return 0, b""
        if not pieces and not over:
            return self._fault(_TIMED_OUT, "nothing to tell within the operation's time")
        command = f' CommandId="{str(number).upper()}"' if number else ""
        streams = "".join(
            f'<rsp:Stream Name="stdout"{command}>{base64.b64encode(one).decode()}</rsp:Stream>' for one in pieces
        )
        state = f'<rsp:CommandState{command} State="{_SHELL}/CommandState/Done"/>' if over and number else ""
        return self._told("ReceiveResponse", f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>")

    def _fault(self, code: int, text: str) -> tuple[int, bytes]:
        subcode = "w:TimedOut" if code == _TIMED_OUT else "w:InvalidSelectors"
        detail = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
        return 500, self._envelope_of(
            "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault",
            f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
            f'<s:Reason><s:Text>{text}</s:Text></s:Reason><s:Detail><f:WSManFault xmlns:f="{detail}" Code="{code}" '
            f'Machine="stub"><f:Message>{text}</f:Message></f:WSManFault></s:Detail></s:Fault>',
        )

    def _told(self, action: str, body: str) -> tuple[int, bytes]:
        return 200, self._envelope_of(f"{_SHELL}/{action}", body)

    def _envelope_of(self, action: str, body: str) -> bytes:
        names = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMES.items())
        return (
            f"<s:Envelope {names}><s:Header><a:Action>{action}</a:Action><a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>"
            f"<a:RelatesTo>{escape(self._message)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
        ).encode()

    def _text(self, path: str) -> str:
        found = self._envelope.find(path, _NAMES)
        if found is None or found.text is None:
            raise KeyError(path)
        return found.text


def _parsed(body: bytes) -> ElementTree.Element:
    """The envelope; raises ParseError."""
    parser: ElementTree.XMLPullParser[ElementTree.Element] = ElementTree.XMLPullParser(("start",))
    parser.feed(body)
    parser.close()
    for _, *found in parser.read_events():
        if found and isinstance(found[0], ElementTree.Element):
            return found[0]
    raise ElementTree.ParseError("no element")


def _number(text: str | None) -> uuid.UUID | None:
    return uuid.UUID(text) if text else None
