"""Syslog messages over UDP (RFC 5426), from the devices that may send them; nothing of them is stored here."""

from collectors.syslog.message import Message, parse
from collectors.syslog.receiver import Fate, SyslogReceiver

__all__ = ["Fate", "Message", "SyslogReceiver", "parse"]
