"""[lync] of spokesman.toml: how Lync servers are spoken to and watched."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from inventory.fields import Line, Model, Whole


class LyncSettings(Model):
    """How Lync servers are spoken to and watched."""

    ca_file: Line | None = None
    """Authorities that servers' certificates are checked against, PEM, in the workspace; the system's where absent."""
    authentication: Literal["negotiate", "ntlm", "basic"] = "negotiate"
    """How WinRM is logged in to, always over HTTPS; negotiate is Kerberos where it can be had, or NTLM."""
    certificate_warn_days: Annotated[Whole, Field(ge=1, le=365)] = 30
    """A certificate that ends sooner raises an alarm."""
    certificate_urgent_days: Annotated[Whole, Field(ge=0, le=365)] = 14
    """A certificate that ends sooner opens an incident where proactive support is ordered [LY-9]."""
    storage_full_percent: Annotated[Whole, Field(ge=50, le=100)] = 90
    """A volume this full raises an alarm; it clears 5 below."""
    cpu_percent: Annotated[Whole, Field(ge=20, le=100)] = 95
    """A load this high, poll after poll, raises an alarm; it clears 10 below."""
    time_offset_s: Annotated[float, Field(ge=0.5, le=300)] = 5.0
    """A clock that is surely further off raises an alarm."""
