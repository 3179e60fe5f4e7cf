"""What a router of linux_frr shows, read tolerantly: what does not fit is left out, nothing is guessed or raised."""

from device_templates.linux_frr.shows.topics import SHOWS

__all__ = ["SHOWS"]
