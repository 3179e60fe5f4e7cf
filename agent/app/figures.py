"""The history of polls as it is drawn, wired."""

from __future__ import annotations

from agent.app.app import App
from agent.config import store_url
from agent.monitoring.figures import Figures
from agent.store.history import History


def figures_of(app: App) -> Figures:
    """The history of a workspace's polls; to read it, no inventory is."""
    return History(app.paths.history_url(store_url(app.root)))
