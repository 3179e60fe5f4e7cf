"""The daemon of the management centre: polls, alarms, diagnostics, backups, clocks, and what it shows of itself."""

from agent.daemon.logs import log_to
from agent.daemon.ports import Backup, Jobs, Place, Stores
from agent.daemon.service import Daemon

__all__ = ["Backup", "Daemon", "Jobs", "Place", "Stores", "log_to"]
