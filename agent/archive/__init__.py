"""The three latest configurations of each router: integrity, encryption, redaction, restore."""

from agent.archive.archive import Archive, ArchivedConfig, Checked
from agent.archive.cipher import Cipher, new_master_key
from agent.archive.platform import iosxe_platform
from agent.archive.ports import Platform, Version
from agent.archive.retention import Pin

__all__ = [
    "Archive",
    "ArchivedConfig",
    "Checked",
    "Cipher",
    "Pin",
    "Platform",
    "Version",
    "iosxe_platform",
    "new_master_key",
]
