"""When a daily backup is due: at its hour in the customer's time zone, or soon after if that was missed. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.monitoring.views import BackupRun

#: A failed backup is tried again after this long.
TRY_AGAIN_AFTER = timedelta(minutes=30)


def last_turn(backup_at: str, timezone: str, now: datetime) -> datetime:
    """The latest moment, not after ``now``, at which ``backup_at`` (HH:MM) came round in ``timezone``; UTC.

    An hour that the clocks skip comes round as if they had not; one that they repeat counts once, the first time.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    for days in (0, 1, 2):
        local = datetime.combine(today - timedelta(days=days), time.fromisoformat(backup_at), zone)
        if (moment := local.astimezone(UTC)) <= now:
            return moment
    raise ValueError(f"no {backup_at} in the two days before {now}")


def due(run: BackupRun | None, backup_at: str, timezone: str, now: datetime) -> bool:
    """Whether a backup should be taken now; ``run`` is the last one, None: there never was one."""
    if run is None or run.tried_at - now > TRY_AGAIN_AFTER:  # a clock was set back: who knows when that was
        return True
    if run.failure:
        return now - run.tried_at >= TRY_AGAIN_AFTER
    return run.tried_at < last_turn(backup_at, timezone, now)
