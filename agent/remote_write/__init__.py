"""Prometheus remote write: the samples of all polls go to another system, beside polling and never in its way."""

from agent.remote_write.counts import Counts, Result
from agent.remote_write.queue import Queue
from agent.remote_write.sending import Pace, RemoteWrite
from agent.remote_write.transport import Place, Transport

__all__ = ["Counts", "Pace", "Place", "Queue", "RemoteWrite", "Result", "Transport"]
