"""Puts an archived configuration back, with the safety of a provision, and proves that running equals archived."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.errors import DeviceError, Refused
from agent.provisioning.plan import Header, Kind, Plan
from agent.provisioning.planner import audited, read_state, stored
from agent.provisioning.ports import Ports, Runtime
from agent.provisioning.transaction import Outcome, Provisioning
from inventory import Inventory, SiteView


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; ``masked`` are the lines that differ from the archived ones and do not count, and why."""

    plan: Plan
    outcome: Outcome
    masked: tuple[str, ...]


class Restoring:
    """Restores routers from the archive; plans and runs like any other change."""

    def __init__(self, ports: Ports, runtime: Runtime, provisioning: Provisioning) -> None:
        self._ports = ports
        self._runtime = runtime
        self._provisioning = provisioning

    def restore(self, inventory: Inventory, router: str, version: int, *, who: str) -> Restored:
        """Bring ``router`` to an archived version; its SNMPv3 users, which no archive holds, are put back too.

        Lines that belong to the device stay its own. The version is pinned meanwhile, so that no backup evicts it.
        Raises as ``Provisioning.execute`` does, and Refused or ArchiveDamaged for a version that cannot be read.
        """
        with audited(self._ports, self._runtime, who, str(Kind.RESTORE), router, success=False) as tell:
            tell(f"version {version}")
            view = inventory.router(router)
            archived = self._ports.archive.load(router, version)
            if not self._ports.texts(view).recognises(archived.text):
                raise Refused(
                    f"version {version} is a configuration of another platform than {view.router.platform}",
                    where=router,
                    remedy="restore a version from after the router was replaced, or provision the site",
                    rule="WV-23",
                )
        with self._ports.archive.restoring(router, version):
            plan = self._planned(inventory, view, version, archived.text, who)
            outcome = self._provisioning.execute(inventory, plan.id, who)
        try:
            with self._ports.devices.open(view) as device:
                masked = self._ports.texts(view).masked(archived.text, device.running_config())
        except DeviceError as error:  # the restore is done and proved: this is no failure of it
            return Restored(plan, self._unlisted(outcome, error), ())
        return Restored(plan, outcome, masked)

    @staticmethod
    def _unlisted(outcome: Outcome, error: DeviceError) -> Outcome:
        text = f"the lines that differ and do not count are not listed: {error}"
        return replace(outcome, warnings=(*outcome.warnings, text))

    def _planned(self, inventory: Inventory, view: SiteView, version: int, archived: str, who: str) -> Plan:
        order = view.site.orders[-1].reference
        reason = f"restore of version {version} [WV-23], order {order}"
        with audited(self._ports, self._runtime, who, "plan", view.key) as tell:
            tell(reason)
            intended = self._ports.texts(view).intended(inventory, view)
            state = read_state(self._ports, inventory, view, intended, archived)
            header = Header(
                id=self._runtime.new_id(),
                kind=Kind.RESTORE,
                site=view,
                reason=reason,
                created=self._runtime.clock(),
                author=who,
                inventory_digest=inventory.digest_of(view.customer.customer),
                version=version,
            )
            plan = stored(self._ports, header, (state,))
            tell(f"{reason}, plan {plan.id}")
        return plan
