"""What IOS-XE shows, read tolerantly: a line that does not fit is skipped, nothing is guessed, nothing is raised."""

from device_templates.cisco_iosxe.shows.crypto import without_encrypted_keys
from device_templates.cisco_iosxe.shows.topics import SHOWS

__all__ = ["SHOWS", "without_encrypted_keys"]
