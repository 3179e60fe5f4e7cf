"""What routers tell by themselves, as traps and in syslog: it starts polls, and nothing but a poll decides anything."""

from agent.daemon.hearing.hearing import Hearing

__all__ = ["Hearing"]
