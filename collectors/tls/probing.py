"""A TCP connection under TLS, driven by hand: so that what a server sends in clear is seen also where it refuses us."""

from __future__ import annotations

import asyncio
import errno
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from collectors.clocks.reading import ClockReading
from collectors.errors import BadTarget, MalformedMessage
from collectors.tls.certificate import Certificate, plain, read_certificate
from collectors.tls.records import MAX_SEEN, look
from collectors.tls.stages import PortProbe, Stage

#: Octets that are read at once.
PIECE = 16 * 1024
#: Errors by which this machine says that it could not ask at all.
_OURS = {errno.EMFILE, errno.ENFILE, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM, errno.EACCES}
#: OpenSSL's words for a certificate that is not valid yet, or no more: its own dates say so as well.
_DATES = {9, 10}
#: Alerts by which a server says that it wants a certificate of ours.
_WANTS = ("CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_NO_CERTIFICATE", "ALERT_UNKNOWN_CA")


@dataclass(frozen=True, slots=True)
class Trust:
    """How certificates are checked: one context that checks chains, and one that takes any to see what it is."""

    checking: ssl.SSLContext
    lenient: ssl.SSLContext


def trust(authorities: str | None) -> Trust:
    """Against ``authorities`` (PEM), or the system's; BadTarget where they cannot be read.

    Servers of 2010 speak TLS 1.0 with the ciphers of their time. Nothing secret is told to them, so that both
    contexts speak it: a probe that refuses would call a service dead that serves.
    """
    if authorities is not None and not authorities.strip():
        raise BadTarget("the file of authorities is empty: give them as PEM")
    try:
        checking = ssl.create_default_context(cadata=authorities)
    except (ssl.SSLError, ValueError) as error:
        raise BadTarget("the authorities cannot be read: give them as PEM") from error
    checking.check_hostname = False
    lenient = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    lenient.check_hostname = False
    lenient.verify_mode = ssl.CERT_NONE
    for context in (checking, lenient):
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return Trust(checking, lenient)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to connect (as this machine reaches it), and the name to ask for, if one is known."""

    host: str
    port: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a service answered in its own protocol."""

    status: int
    words: str
    clock: ClockReading | None = None


class Line:
    """One TLS connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext, name: str | None
    ) -> None:
        self._reader, self._writer = reader, writer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        #: What the server sent until TLS came about.
        self.seen = b""

    @property
    def local(self) -> tuple[str, int]:
        """Our own end: address and port."""
        host, port = self._writer.get_extra_info("sockname")[:2]
        return str(host), int(port)

    async def handshake(self) -> None:
        """Until TLS runs; raises ssl.SSLError, or EOFError where the server ends it."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed()
            else:
                await self._flush()
                return

    def certificate(self) -> bytes:
        """The server's own, in DER."""
        return self._tls.getpeercert(binary_form=True) or b""

    def protocol(self) -> str:
        """The version of TLS."""
        return self._tls.version() or ""

    async def send(self, octets: bytes) -> None:
        """Send a small message."""
        self._tls.write(octets)
        await self._flush()

    async def receive(self) -> bytes:
        """What comes next; empty at the end."""
        while True:
            try:
                return self._tls.read(PIECE)
            except ssl.SSLWantReadError:
                try:
                    await self._feed()
                except EOFError:
                    return b""
            except ssl.SSLZeroReturnError:
                return b""

    def close(self) -> None:
        """End at once: a probe owes no farewell."""
        self._writer.transport.abort()

    async def _feed(self) -> None:
        octets = await self._reader.read(PIECE)
        if not octets:
            raise EOFError
        if len(self.seen) < MAX_SEEN:
            self.seen += octets
        self._incoming.write(octets)

    async def _flush(self) -> None:
        if octets := self._outgoing.read():
            self._writer.write(octets)
            await self._writer.drain()


#: Asks a service in its own protocol; raises MalformedMessage for an answer that is none, EOFError for none at all.
Talk = Callable[[Line], Awaitable[Said]]


async def probe(place: Place, checks: Trust, talk: Talk, timeout_s: float) -> PortProbe:
    """Connect, secure, talk: bounded by ``timeout_s`` seconds as a whole; whatever happens becomes an outcome."""
    attempt, begun = _Attempt(place, talk), monotonic()
    try:
        async with asyncio.timeout(timeout_s):
            await attempt.run(checks.checking)
            if attempt.distrusted:
                await attempt.run(checks.lenient)
    except TimeoutError:
        attempt.problem = f"no answer within {timeout_s:g} s"
    return attempt.outcome(monotonic() - begun)


class _Attempt:
    """What has been found so far, whenever it ends."""

    def __init__(self, place: Place, talk: Talk) -> None:
        self._place, self._talk = place, talk
        self.stage, self.problem, self.untrusted = Stage.SILENT, "", ""
        self._wants, self._protocol = False, ""
        #: We ended it because of the certificate: it is looked at once more.
        self.distrusted = False
        self._certificate: Certificate | None = None
        self._said: Said | None = None

    async def run(self, context: ssl.SSLContext) -> None:
        self.problem, self.distrusted = "", False
        line: Line | None = None
        try:
            reader, writer = await asyncio.open_connection(self._place.host, self._place.port)
            self.stage = Stage.CONNECTED
            line = Line(reader, writer, context, self._place.name)
            await self._secured(line)
        except ssl.SSLCertVerificationError as error:
            self.distrusted, self.problem = True, plain(error.verify_message)
            self.untrusted = "" if error.verify_code in _DATES else self.problem
        except ssl.SSLError as error:
            self.problem = f"TLS fails: {plain(error.reason or type(error).__name__).lower().replace('_', ' ')}"
            self._wants = any(word in (error.reason or "") for word in _WANTS)
        except (EOFError, ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError):
            self.problem = "it ended the connection without an answer"
        except MalformedMessage as error:
            self.problem = str(error)
        except OSError as error:
            self._not_connected(error)
        finally:
            if line is not None:
                self._look(line)
                line.close()

    async def _secured(self, line: Line) -> None:
        await line.handshake()
        self.stage, self._protocol = Stage.SECURED, line.protocol()
        with suppress(MalformedMessage):
            self._certificate = read_certificate(line.certificate())
        self._said = await self._talk(line)
        self.stage = Stage.ANSWERED

    def _look(self, line: Line) -> None:
        """Where it ended early: what was sent in clear still tells the certificate, and that ours was asked for."""
        if self.stage is Stage.ANSWERED:
            return
        seen = look(line.seen)
        if self._certificate is None and seen.certificate:
            with suppress(MalformedMessage):
                self._certificate = read_certificate(seen.certificate)
        self._wants = self._wants or (seen.asked_for_ours and bool(self.problem) and not self.distrusted)

    def _not_connected(self, error: OSError) -> None:
        words = error.strerror or type(error).__name__
        if isinstance(error, ConnectionRefusedError):
            self.stage, self.problem = Stage.REFUSED, "the connection is refused: nothing listens"
        elif error.errno in _OURS:
            self.stage, self.problem = Stage.NOT_ASKED, f"could not be asked: {words}"
        else:
            self.problem = words

    def outcome(self, took_s: float) -> PortProbe:
        """All of it."""
        said = self._said
        return PortProbe(
            port=self._place.port,
            stage=self.stage,
            problem="" if self.stage is Stage.ANSWERED else self.problem,
            wants_certificate=self._wants,
            certificate=self._certificate,
            untrusted=self.untrusted,
            protocol=self._protocol,
            status=said.status if said else None,
            words=said.words if said else "",
            clock=said.clock if said else None,
            took_s=took_s,
        )
