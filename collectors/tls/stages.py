"""How far a service was reached, and why no further: the outcome that every probe of a port has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from collectors.clocks.reading import ClockReading
from collectors.tls.certificate import Certificate


class Stage(StrEnum):
    """How far a probe came."""

    #: Nothing came back at all: no machine, no path, or something on the way that drops.
    SILENT = "silent"
    #: The machine, or something before it, refused the connection: nobody listens.
    REFUSED = "refused"
    #: We could not ask: no route on this machine, no socket.
    NOT_ASKED = "not asked"
    #: It took the connection, and no TLS came about.
    CONNECTED = "connected"
    #: TLS runs: the service behind it has shown its certificate.
    SECURED = "secured"
    #: It answered in its own protocol, well-formed.
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class PortProbe:
    """One TCP port: how far it was reached, and what stopped it there.

    ``wants_certificate``: it asked for a certificate of ours and ended the connection because we have none (mutual
    TLS), so the service is alive. ``untrusted`` says why the certificate is not trusted (not counting its dates and
    names), ``protocol`` is the TLS version, ``status`` the answer's code and words (SIP or HTTP), ``clock`` what the
    answer told of the server's time. ``took_s`` is how long it all took, in seconds.
    """

    port: int
    stage: Stage
    problem: str = ""
    wants_certificate: bool = False
    certificate: Certificate | None = None
    untrusted: str = ""
    protocol: str = ""
    status: int | None = None
    words: str = ""
    clock: ClockReading | None = None
    took_s: float = 0.0

    @property
    def heard(self) -> bool | None:
        """Whether a machine is there; None if nobody could ask."""
        return None if self.stage is Stage.NOT_ASKED else self.stage is not Stage.SILENT
