"""Classic IOS as the rest of the product sees it: IOS-XE's text functions, for texts that name a release of IOS."""

from __future__ import annotations

from device_templates.cisco_iosxe.platform import IosText
from device_templates.platform import PlatformText

PLATFORM: PlatformText = IosText("cisco_ios", classic=True)
