"""The probes: what is asked of routers in a session, and from here."""

from agent.faults.probes.here import FromHere, watched
from agent.faults.probes.router import RouterProbes

__all__ = ["FromHere", "RouterProbes", "watched"]
