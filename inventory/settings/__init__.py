"""spokesman.toml: the management centre, credentials, platforms, schedules, the service itself."""

from __future__ import annotations

from inventory.settings.api import Api, Rate
from inventory.settings.centre import CertificateAuthority, ManagementCentre
from inventory.settings.credentials import (
    AuthProtocol,
    Credentials,
    PrivProtocol,
    SnmpV2cCredentials,
    SnmpV3Credentials,
    SshCredentials,
    WinrmCredentials,
)
from inventory.settings.devices import Nat, Platform, Reach, RouterModel
from inventory.settings.lync import LyncSettings
from inventory.settings.polling import Schedules, Thresholds
from inventory.settings.remote_write import RemoteWriteSettings
from inventory.settings.service import Access, Daemon, RequestSettings, Store, Syslog, Traps
from inventory.settings.whole import Settings

__all__ = [
    "Access",
    "Api",
    "AuthProtocol",
    "CertificateAuthority",
    "Credentials",
    "Daemon",
    "LyncSettings",
    "ManagementCentre",
    "Nat",
    "Platform",
    "PrivProtocol",
    "Rate",
    "Reach",
    "RemoteWriteSettings",
    "RequestSettings",
    "RouterModel",
    "Schedules",
    "Settings",
    "SnmpV2cCredentials",
    "SnmpV3Credentials",
    "SshCredentials",
    "Store",
    "Syslog",
    "Thresholds",
    "Traps",
    "WinrmCredentials",
]
