"""spokesman.toml as a whole."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inventory.fields import CredentialName, Model, Name, SecretRef
from inventory.platforms import PlatformName
from inventory.settings.api import Api
from inventory.settings.centre import CertificateAuthority, ManagementCentre
from inventory.settings.credentials import Credentials
from inventory.settings.devices import Platform, Reach
from inventory.settings.lync import LyncSettings
from inventory.settings.polling import Schedules, Thresholds
from inventory.settings.remote_write import RemoteWriteSettings
from inventory.settings.service import Access, Daemon, RequestSettings, Store, Syslog, Traps
from inventory.webhooks import Webhooks


class Settings(Model):
    """spokesman.toml as a whole."""

    management_centre: ManagementCentre
    credentials: Annotated[dict[CredentialName, Credentials], Field(min_length=1)]
    secrets: dict[Name, SecretRef] = Field(default_factory=dict)
    pki: dict[Name, CertificateAuthority] = Field(default_factory=dict)
    platforms: dict[PlatformName, Platform] = Field(default_factory=dict)
    schedules: Schedules = Schedules()
    thresholds: Thresholds = Thresholds()
    reach: Reach = Reach()
    store: Store
    access: Access = Access()
    daemon: Daemon = Daemon()
    traps: Traps = Traps()
    syslog: Syslog = Syslog()
    api: Api = Api()
    webhooks: Webhooks = Field(default_factory=dict)
    remote_write: RemoteWriteSettings | None = None
    lync: LyncSettings = LyncSettings()
    requests: RequestSettings = RequestSettings()
