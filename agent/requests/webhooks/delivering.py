"""Sends what waits: one event at a time for each receiver, in order for each request, until nothing is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from agent.events import Clock
from agent.requests.webhooks.ports import Claim, Claimed, Outbox, Send
from agent.requests.webhooks.schedule import Ended, Schedule, Verdict, judge

#: Beyond the time that an attempt may take, before somebody else may take a claim over.
CLAIM_MARGIN = timedelta(seconds=30)
#: Attempts before whoever calls looks at the settings again: a long queue must not go on to where it should not.
AT_ONCE = 50


@dataclass(frozen=True)
class Sender:
    """What sending needs: ``jitter`` gives 0 to 1, ``token`` a text that was never given before."""

    outbox: Outbox
    send: Send
    clock: Clock
    jitter: Callable[[], float]
    token: Callable[[], str]
    owner: str
    schedule: Schedule = field(default_factory=Schedule)

    def serve(self, receiver: str, timeout_s: float, tell: Callable[[Claimed, Verdict], None]) -> int:
        """Send what is due for ``receiver``, some of it where it is much; returns how many attempts were made.

        ``tell`` hears of what went wrong.

        An attempt that a dead process did not settle is made again, with the same identity and bytes.
        """
        attempts = 0
        while attempts < AT_ONCE and (claimed := self._claim(receiver, timeout_s)) is not None:
            attempt = self.send(receiver, claimed.event, claimed.body)
            now = self.clock()
            verdict = judge(attempt, claimed.standing, now, self.jitter(), self.schedule)
            attempts += 1
            if not self.outbox.settle(claimed, verdict, now):
                return attempts
            if attempt.ended is not Ended.TAKEN:
                tell(claimed, verdict)
        return attempts

    def _claim(self, receiver: str, timeout_s: float) -> Claimed | None:
        now = self.clock()
        until = now + timedelta(seconds=timeout_s) + CLAIM_MARGIN
        return self.outbox.claim(receiver, now, Claim(self.token(), self.owner, until))
