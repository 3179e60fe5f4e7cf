"""What the network is looked at with: SNMP targets and pings from this machine, by the workspace's settings."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from agent.config import Secrets, reached
from agent.errors import ConfigurationProblem, DeviceTimeout, Refused
from agent.faults.ports import AgentAnswer, IkeFailure
from agent.monitoring.sample import Greets
from agent.monitoring.snmp import GREETING_S
from agent.provisioning.ports import PingResult
from collectors.errors import BadTarget
from collectors.greeting import greeting
from collectors.oids import IKE_FAIL_REASON, IKE_FAIL_REMOTE, IKE_FAIL_TIME, SYS_UPTIME
from collectors.ping import ping
from collectors.security.credentials import PrivWord
from collectors.snmp import Answer, Community, Failure, SnmpClient, Target, TimeTicks, V3User
from device_templates import hidden, platform_of
from inventory import Secret, ServerView, SiteView
from inventory.settings import PrivProtocol, Settings, SnmpV2cCredentials, SnmpV3Credentials

#: The client's word for each of the inventory's.
_CIPHERS: Mapping[PrivProtocol, PrivWord] = {
    "aes128": "aes",
    "aes192": "aes192",
    "aes256": "aes256",
    "aes192-blumenthal": "aes192-blumenthal",
    "aes256-blumenthal": "aes256-blumenthal",
    "des": "des",
}


def snmp_target(settings: Settings, secrets: Secrets, view: SiteView) -> Target:
    """Where and how a router's SNMP agent is asked; raises ConfigurationProblem or Refused for unusable credentials."""
    snmp = view.router.snmp
    place = reached(settings, view.router.management.address, snmp.port)
    return _target(settings, secrets, view.router.name, place, snmp.credentials)


def server_target(settings: Settings, secrets: Secrets, view: ServerView) -> Target | None:
    """The same for a Lync server; None where the inventory says nothing of SNMP on it."""
    snmp = view.server.snmp
    if snmp is None:
        return None
    place = reached(settings, view.server.address, snmp.port)
    return _target(settings, secrets, view.name, place, snmp.credentials)


def _target(settings: Settings, secrets: Secrets, name: str, place: tuple[str, int], credentials: str) -> Target:
    schedules = settings.schedules
    try:
        user = snmp_user(settings, secrets, credentials)
        return Target(*place, user, schedules.poll_timeout_s, schedules.poll_retries)
    except BadTarget as error:
        raise Refused(str(error), where=name) from None


def snmp_fault(target: Target) -> str:
    """Why the SNMP agent at ``target`` does not answer; empty: it told how long it has been up."""

    async def asked() -> Answer:
        async with SnmpClient() as client:
            return await client.get(target, (SYS_UPTIME,))

    answer = asyncio.run(asked())
    if answer.failure is None:
        return ""
    return f"{answer.failure}: {answer.detail}" if answer.detail else str(answer.failure)


def agent_answer(target: Target, view: SiteView) -> AgentAnswer:
    """Whether a router's SNMP agent at ``target`` answers now, and why IKE failed of late, where it has a table."""
    has_table = bool(platform_of(view).ike_faults)

    async def asked() -> tuple[Answer, Answer]:
        async with SnmpClient() as client:
            first = await client.get(target, (SYS_UPTIME,))
            if first.failure is not None or not has_table:
                return first, first
            return first, await client.bulk(target, (IKE_FAIL_REASON, IKE_FAIL_TIME, IKE_FAIL_REMOTE))

    first, table = asyncio.run(asked())
    if first.failure is not None:
        fault = f"{first.failure}: {first.detail}" if first.detail else str(first.failure)
        return AgentAnswer(fault, silent=first.failure is Failure.TIMEOUT)
    uptime = first.values.get(SYS_UPTIME)
    if not has_table or table.failure is not None or not isinstance(uptime, TimeTicks):
        return AgentAnswer()
    rows = (_failure(table, oid[-1], uptime) for oid in table.values if oid[:-1] == IKE_FAIL_REASON)
    return AgentAnswer(failures=tuple(row for row in rows if row is not None))


def _failure(table: Answer, index: int, uptime: TimeTicks) -> IkeFailure | None:
    """One row; None where a value is missing, of another type, or from before the uptime began."""
    reason, when, peer = (
        table.values.get((*column, index)) for column in (IKE_FAIL_REASON, IKE_FAIL_TIME, IKE_FAIL_REMOTE)
    )
    if not isinstance(reason, int) or not isinstance(when, TimeTicks) or not isinstance(peer, bytes) or len(peer) != 4:
        return None
    return IkeFailure(reason, (uptime - when) / 100, str(IPv4Address(peer))) if when <= uptime else None


def intended_key(secrets: Secrets, view: SiteView, vpn: str) -> str | None:
    """What redaction leaves of the pre-shared key that a VPN should run with; None: it has none, or none to be read."""
    reference = view.vpns[vpn].ike.psk
    try:
        return hidden(secrets(reference).reveal()) if reference else None
    except ConfigurationProblem:
        return None


def greets(settings: Settings, view: SiteView) -> tuple[Greets, str]:
    """How far a new connection to a router's SSH gets, and words on it."""
    host, port = reached(settings, view.router.management.address, view.router.management.port)
    found = asyncio.run(greeting(host, port, GREETING_S))
    return Greets(found.stage.value), found.detail


def snmp_user(settings: Settings, secrets: Secrets, name: str) -> V3User | Community:
    """What credentials of that name prove; raises ConfigurationProblem or Refused where they are unusable."""
    credentials = settings.credentials[name]
    if isinstance(credentials, SnmpV3Credentials):
        auth, priv = (secrets(one) if one else Secret("") for one in (credentials.auth, credentials.priv))
        cipher = _CIPHERS[credentials.priv_protocol]
        return V3User(credentials.username, auth, priv, credentials.auth_protocol, cipher, credentials.weak_security)
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
        return self.at(view.router.name, view.router.management.address)

    def at(self, name: str, managed: IPv4Address) -> PingResult:
        """The same for any device, by its managed address."""
        address, _ = reached(self.settings, managed, 0)
        placeholders = {"address": address, "python": sys.executable, "workspace": str(self.workspace)}
        outcome = asyncio.run(ping(self.settings.reach.ping, placeholders))
        if outcome.problem:
            raise DeviceTimeout(
                f"the ping command tells nothing: {outcome.problem}", where=name,
                remedy="see [reach] ping in spokesman.toml",
            )  # fmt: skip
        return PingResult(outcome.sent, outcome.received, outcome.avg_ms)
