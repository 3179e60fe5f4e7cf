"""What diagnostics of servers need of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agent.monitoring.servers.expected import Expected
from agent.monitoring.servers.sample import ServerSample
from agent.monitoring.servers.states import ServerState
from agent.monitoring.states import RouterState
from agent.provisioning.ports import PingResult
from inventory import ServerView


@dataclass(frozen=True, slots=True)
class ServerInstruments:
    """What is looked with; all of it is bounded in time by itself and raises AgentErrors only.

    ``look`` asks the server everything now; ``expected`` is what it must show; ``ping`` pings it from here, and
    ``ping_from_router`` from the router before it.
    """

    look: Callable[[ServerView], ServerSample]
    expected: Callable[[ServerView], Expected]
    ping: Callable[[ServerView], PingResult]
    ping_from_router: Callable[[ServerView], PingResult]
    routers: Callable[[], Mapping[str, RouterState]]
    servers: Callable[[], Mapping[str, ServerState]]
