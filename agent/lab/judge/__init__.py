"""Questions to a lab network without sockets or waiting: which tunnels are up, where does this packet go?

It proves what follows from running configurations as the lab's routers take them: every line is typed into a router
that refuses what it does not know, tunnels come up where both ends agree, and packets go by access lists, zones, route
maps, tables, translation, HSRP and tracked objects until nothing changes any more. It shares no code with the parsers
and the verifier, and knows the inventory only by the surroundings that it is given: accesses, LANs, centre, primaries.

It does not prove what only time or load shows: queues and rates, timers of HSRP, IP SLA and firewall sessions, MTU;
nor what lines do that the lab takes and leaves alone (SNMP, logging, AAA, control-plane policing).
"""

from agent.lab.judge.judge import Judge, Judged, TunnelState, Verdict
from agent.lab.judge.surroundings import surroundings
from agent.lab.routing.ground import End, Hop
from agent.lab.spec import Primary

__all__ = ["End", "Hop", "Judge", "Judged", "Primary", "TunnelState", "Verdict", "surroundings"]
