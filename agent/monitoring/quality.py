"""How well a router answers: loss, round trip, processor load and SSH over many polls, with hysteresis. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.monitoring.levels import GOOD, Level, moved
from agent.monitoring.sample import Greets, Sample
from inventory.settings import Thresholds

#: What spokesman.toml says where it says nothing.
USUAL_LIMITS = Thresholds()
#: Answered polls that loss is counted over, and the least that must be lost in it, in two polls or more.
LOSS_POLLS, LEAST_LOST = 20, 3
#: Polls in a row without loss that end it; what was before is then forgotten.
CLEAN_POLLS = 6
#: Polls that make the usual round trip: nothing is slow before, and an older one weighs no more than this many.
BASELINE_POLLS, BASELINE_MEMORY = 5, 20
#: Readings in a row that raise, and that clear.
RAISE_AFTER, CLEAR_AFTER, GREETS_CLEAR_AFTER = 3, 3, 2
#: A round trip counts as good again below this part of the limit, a load that many percent below its threshold.
SLOW_CLEAR, CPU_CLEAR = 0.75, 15


@dataclass(frozen=True, slots=True)
class Quality:
    """What the last polls showed; times in milliseconds, ``losses`` pairs of sent and lost, oldest first."""

    losses: tuple[tuple[int, int], ...] = ()
    loss: Level = GOOD
    round_trip_ms: float | None = None
    usual_ms: float | None = None
    usual_polls: int = 0
    slow: Level = GOOD
    cpu_percent: float | None = None
    cpu: Level = GOOD
    greets: Greets | None = None
    session: Level = GOOD

    @property
    def sent(self) -> int:
        return sum(sent for sent, _ in self.losses)

    @property
    def lost(self) -> int:
        return sum(lost for _, lost in self.losses)

    @property
    def doubtful(self) -> bool:
        """Whether to ask again soon. Not for the processor: its averages do not move faster."""
        fresh_loss = not self.loss.bad and bool(self.losses) and self.losses[-1][1] > 0
        return fresh_loss or self.slow.doubtful or self.session.doubtful


def advance(before: Quality, sample: Sample, limits: Thresholds) -> Quality:
    """What is known after an answered poll."""
    return _greets(_cpu(_slow(_loss(before, sample, limits), sample, limits), sample, limits), sample)


def without_losses(before: Quality) -> Quality:
    """What is known once the router fell silent: losses that raised nothing yet are forgotten."""
    return before if before.loss.bad else replace(before, losses=(), loss=GOOD)


def _loss(before: Quality, sample: Sample, limits: Thresholds) -> Quality:
    if sample.requests == 0:
        return before
    losses = (*before.losses, (sample.requests + sample.lost, sample.lost))[-LOSS_POLLS:]
    if all(lost == 0 for _, lost in losses[-CLEAN_POLLS:]) and len(losses) >= CLEAN_POLLS:
        return replace(before, losses=losses[-CLEAN_POLLS:], loss=GOOD)
    after = replace(before, losses=losses)
    many = after.lost >= LEAST_LOST and sum(lost > 0 for _, lost in losses) >= 2
    worth = many and after.lost * 100 >= limits.loss_percent * after.sent
    began = before.loss.since or (sample.at if sample.lost else None)
    return replace(after, loss=Level(before.loss.bad or worth, began))


def _slow(before: Quality, sample: Sample, limits: Thresholds) -> Quality:
    took = sample.round_trip_ms
    if took is None:
        return before
    after, limit = replace(before, round_trip_ms=took), slow_limit_ms(before, limits)
    if limit is None or took <= limit:
        known = min(before.usual_polls, BASELINE_MEMORY - 1)
        usual = took if before.usual_ms is None else (before.usual_ms * known + took) / (known + 1)
        if not before.slow.bad:
            after = replace(after, usual_ms=usual, usual_polls=known + 1)
    if limit is None:
        return after
    bad = True if took > limit else False if took <= limit * SLOW_CLEAR else None
    return replace(after, slow=moved(before.slow, sample.at, bad, RAISE_AFTER, CLEAR_AFTER))


def slow_limit_ms(quality: Quality, limits: Thresholds) -> float | None:
    """Above this a round trip is slow; None while what is usual is not known yet."""
    if quality.usual_ms is None or quality.usual_polls < BASELINE_POLLS:
        return None
    return max(float(limits.slow_floor_ms), limits.slow_factor * quality.usual_ms)


def _cpu(before: Quality, sample: Sample, limits: Thresholds) -> Quality:
    averages = [sample.counters.get(f"cpu_{minutes}_min_percent") for minutes in (1, 5)]
    loads = [load for load in averages if load is not None]
    if not loads:
        return replace(before, cpu_percent=None)
    bad: bool | None = True if min(loads) >= limits.cpu_percent else None
    if loads[0] < limits.cpu_percent - CPU_CLEAR:
        bad = False
    return replace(before, cpu_percent=loads[0], cpu=moved(before.cpu, sample.at, bad, RAISE_AFTER, CLEAR_AFTER))


def _greets(before: Quality, sample: Sample) -> Quality:
    if sample.greets is None:
        return before
    bad = sample.greets is not Greets.GREETED
    level = moved(before.session, sample.at, bad, RAISE_AFTER, GREETS_CLEAR_AFTER)
    return replace(before, greets=sample.greets, session=level)
