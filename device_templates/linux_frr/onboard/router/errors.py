"""What the router's program refuses: every error has the kind that the wire tells."""

from __future__ import annotations


class RouterError(Exception):
    """The root; ``kind`` is one of refused, rejected, pending, nothing_pending, unknown and failed."""

    kind = "failed"


class Refused(RouterError):
    """The request itself is wrong: a document that is not complete, a verb that is not known; nothing was touched."""

    kind = "refused"


class Rejected(RouterError):
    """A program that is to run a file does not take it; its words are in the message."""

    kind = "rejected"


class Pending(RouterError):
    """Another change waits for its confirmation, or is being made."""

    kind = "pending"


class NothingPending(RouterError):
    """There is no change to confirm or to revert."""

    kind = "nothing_pending"


class Unknown(RouterError):
    """What runs is not known: a change failed, and so far the way back did too."""

    kind = "unknown"
