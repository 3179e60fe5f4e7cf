"""The tables of requests, webhooks, API tokens and Lync servers."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, part by part."""
    _requests()
    _webhooks()
    _tokens()
    _lync()
    _lync_watch()


def _requests() -> None:
    """Simple service requests and chargeable events."""


def _webhooks() -> None:
    """What is still to be told to other systems."""


def _tokens() -> None:
    """Who may use the API."""


def _lync() -> None:
    """Plans, backups and restorations of Lync servers."""


def _lync_watch() -> None:
    """The last known states of Lync servers."""
