"""What the network is looked at with: SNMP targets and pings from this machine, by the workspace's settings."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from agent.config import Secrets, reached
from agent.errors import DeviceTimeout, Refused
from agent.provisioning.ports import PingResult
from collectors.errors import BadTarget
from collectors.oids import SYS_UPTIME
from collectors.ping import ping
from collectors.snmp import Answer, Community, SnmpClient, Target, V3User
from inventory import SiteView
from inventory.settings import Settings, SnmpV2cCredentials, SnmpV3Credentials


def snmp_target(settings: Settings, secrets: Secrets, view: SiteView) -> Target:
    """Where and how a router's SNMP agent is asked; raises ConfigurationProblem or Refused for unusable credentials."""
    host, port = reached(settings, view.router.management.address, view.router.snmp.port)
    schedules = settings.schedules
    try:
        user = _user(settings, secrets, view.router.snmp.credentials)
        return Target(host, port, user, schedules.poll_timeout_s, schedules.poll_retries)
    except BadTarget as error:
        raise Refused(str(error), where=view.router.name) from None


def snmp_fault(target: Target) -> str:
    """Why the SNMP agent at ``target`` does not answer; empty: it told how long it has been up."""

    async def asked() -> Answer:
        async with SnmpClient() as client:
            return await client.get(target, (SYS_UPTIME,))

    answer = asyncio.run(asked())
    if answer.failure is None:
        return ""
    return f"{answer.failure}: {answer.detail}" if answer.detail else str(answer.failure)


def _user(settings: Settings, secrets: Secrets, name: str) -> V3User | Community:
    credentials = settings.credentials[name]
    if isinstance(credentials, SnmpV3Credentials):
        auth, priv = secrets(credentials.auth), secrets(credentials.priv)
        return V3User(credentials.username, auth, priv, credentials.auth_protocol)
    if isinstance(credentials, SnmpV2cCredentials):
        return Community(secrets(credentials.community))
    raise Refused(f"credentials {name!r} are for {credentials.kind}, not for SNMP", where="spokesman.toml")


@dataclass(frozen=True)
class Pings:
    """Pings a router's management address from this machine, by the workspace's command."""

    settings: Settings
    workspace: Path

    def __call__(self, view: SiteView) -> PingResult:
        """Sent and received; DeviceTimeout where the command itself fails, which says nothing about the router."""
        address, _ = reached(self.settings, view.router.management.address, 0)
        placeholders = {"address": address, "python": sys.executable, "workspace": str(self.workspace)}
        outcome = asyncio.run(ping(self.settings.reach.ping, placeholders))
        if outcome.problem:
            raise DeviceTimeout(
                f"the ping command tells nothing: {outcome.problem}", where=view.router.name,
                remedy="see [reach] ping in spokesman.toml",
            )  # fmt: skip
        return PingResult(outcome.sent, outcome.received, outcome.avg_ms)
