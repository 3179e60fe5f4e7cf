"""The poller's own service level [WV-10]: how long routers went without a poll, why, and what is told of it."""

from agent.monitoring.service_level.gaps import Gap, explain
from agent.monitoring.service_level.level import Day, Late, OfDay, ServiceLevel

__all__ = ["Day", "Gap", "Late", "OfDay", "ServiceLevel", "explain"]
