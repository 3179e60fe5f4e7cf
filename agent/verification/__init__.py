"""Verdicts on neutral models of many routers at once: do the configurations of a VPN fit together, before any plan."""

from agent.verification.finding import Finding, Flow, Hop, Line
from agent.verification.ground import Check
from agent.verification.verify import CHECKS, verify

__all__ = ["CHECKS", "Check", "Finding", "Flow", "Hop", "Line", "verify"]
