"""What all tests share: hypothesis judges what code does, never how long a busy machine takes for it."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("spokesman", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("spokesman")
