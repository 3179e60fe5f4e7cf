"""What reading the network can fail with: one root for the package."""

from __future__ import annotations


class CollectorError(Exception):
    """Root of what this package raises; a device that is silent or refuses is an answer, not an error."""


class BadTarget(CollectorError):
    """A target or its credentials cannot be used as they are."""


class MalformedMessage(CollectorError):
    """Bytes that the protocol does not allow; the message says what, never what the bytes were."""


class SocketUnavailable(CollectorError):
    """The system gave no UDP socket."""


class BadModule(CollectorError):
    """A module's file says something that cannot be polled."""


class BadRecord(CollectorError):
    """A packed poll, or its layout, cannot be read."""
