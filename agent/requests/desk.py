"""What people and programs do with requests: look at the catalogue, submit, look, approve, cancel."""

from __future__ import annotations

from agent.requests.kind import Kind
from agent.requests.model import Request, State, Submission
from agent.requests.ports import RequestPorts


class Requests:
    """The use cases; each is safe to call from any process at any time."""

    def __init__(self, ports: RequestPorts) -> None:
        self._ports = ports

    def catalogue(self) -> tuple[Kind, ...]:
        """Every kind of request, by name; a kind with ``order`` is known and refused with the order it needs."""
        raise NotImplementedError

    def submit(self, submission: Submission, who: str) -> Request:
        """Keep a request and say at once whether it can be.

        The same key of the same ``who`` with the same content gives the same request. Raises Refused for what is
        malformed (nothing is kept), InventoryError where the inventory cannot be used now. What conflicts with the
        inventory or its rules, or needs an order, is kept in state refused with the reason.
        """
        raise NotImplementedError

    def get(self, reference: str) -> Request:
        """One request; Refused for a reference that does not exist."""
        raise NotImplementedError

    def list(self, customer: str | None = None, state: State | None = None) -> tuple[Request, ...]:
        """Requests, newest first."""
        raise NotImplementedError

    def approve(self, reference: str, who: str, plan: str = "") -> Request:
        """Approve what the plan shows; Refused where it waits for no approval, or ``plan`` is no longer its plan."""
        raise NotImplementedError

    def cancel(self, reference: str, who: str, why: str = "") -> Request:
        """Take a request back; Refused once it is being applied or has ended."""
        raise NotImplementedError
