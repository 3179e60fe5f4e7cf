"""What IOS-XE shows, read tolerantly: a line that does not fit is skipped, nothing is guessed, nothing is raised."""

from agent.faults.readings.box import Load, LogLine, clock, load, log_tail
from agent.faults.readings.crypto import (
    Certificate,
    IpsecCounters,
    authentication_failures,
    certificates,
    error_notifies,
    ike_errors,
    ike_requests,
    ipsec,
    keys,
    without_encrypted_keys,
)
from agent.faults.readings.tunnels import Neighbor, NextHopServer, Tunnel, ike, neighbors, nhrp, servers, tunnels

__all__ = [
    "Certificate",
    "IpsecCounters",
    "Load",
    "LogLine",
    "Neighbor",
    "NextHopServer",
    "Tunnel",
    "authentication_failures",
    "certificates",
    "clock",
    "error_notifies",
    "ike",
    "ike_errors",
    "ike_requests",
    "ipsec",
    "keys",
    "load",
    "log_tail",
    "neighbors",
    "nhrp",
    "servers",
    "tunnels",
    "without_encrypted_keys",
]
