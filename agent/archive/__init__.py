"""The three latest configurations of each router: integrity, encryption, redaction, restore."""

from agent.archive.archive import Archive, ArchivedConfig, Checked
from agent.archive.cipher import Cipher, new_master_key
from agent.archive.ports import Platform, Recognised, Version
from agent.archive.retention import Pin

__all__ = [
    "Archive",
    "ArchivedConfig",
    "Checked",
    "Cipher",
    "Pin",
    "Platform",
    "Recognised",
    "Version",
    "new_master_key",
]
