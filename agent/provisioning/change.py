"""One router from old to new, or back to old: timed, checked by its outcome, journalled before each step.

What a session said last is never trusted. After a commit, a confirmation or a revert the router is asked again in a new
session: does a timed change wait, and is running equal to the new or to the old configuration under the masks?
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from agent.errors import (
    AgentError,
    CommandRejected,
    DeviceError,
    DeviceTimeout,
    IncompleteOutput,
    LeaseLost,
    NothingPending,
    Refused,
    Uncertain,
    Unreachable,
)
from agent.provisioning.journal import Entry, Hold, Sent, Step, detail, reached, sent
from agent.provisioning.plan import Move
from agent.provisioning.ports import Device, OutcomeCheck, Ports, Runtime, Texts, Timing
from device_templates import NotParsable
from inventory import SiteView


class WentBack(AgentError):
    """The change did not hold: the device took it back by itself, or a check failed before it was confirmed."""

    exit_code = 4


#: How often a router may reject a command before it is taken at its word.
REJECTIONS = 3


class Mover:
    """Moves routers of one change, under its hold.

    Not ``patient``: a router that does not answer is given up at once, for a change that was uncertain before.
    """

    def __init__(
        self, ports: Ports, runtime: Runtime, timing: Timing, check: OutcomeCheck, hold: Hold, *, patient: bool = True
    ) -> None:
        self._ports = ports
        self._runtime = runtime
        self._timing = timing
        self._check = check
        self._hold = hold
        self._patient = patient

    def begin(self, move: Move) -> None:
        """Write down that the router will be changed."""
        self._note(move, Step.BEGUN)

    def forward(self, move: Move) -> str:
        """Change the router and prove it; returns a warning, or nothing. Raises where it did not come to that."""
        self.send(move)
        return self.finish(move)

    def add_users(self, move: Move) -> None:
        """Create the SNMPv3 users that are missing on a router whose configuration is right."""
        with self._session(move.view) as device:
            self._nothing_waits(device, move)
            self._archive_before(device, move)
            self._users(device, move)
            device.save()

    def send(self, move: Move) -> None:
        """Archive, load and commit with the revert timer armed.

        A commit that got no answer is not an error here: only the router knows, and it is asked next.
        """
        with self._session(move.view) as device:
            self._nothing_waits(device, move)
            links = self._check.links(device, move.view)
            self._note(move, Step.OBSERVED, json.dumps(sorted(links)))
            self._note(move, Step.ARCHIVED, str(self._archive_before(device, move)))
            self._note(move, Step.LOADING)
            self._tell(move, "loading the candidate")
            device.load_replace(move.new)
            device.compare()
            self._note(move, Step.COMMITTING)
            self._tell(move, f"committing; unless confirmed the router takes it back in {self._revert_s(move)} s")
            try:
                device.commit(self._revert_s(move))
            except (Unreachable, DeviceTimeout):
                self._tell(move, "no answer to the commit; looking again")
                return
            self._note(move, Step.COMMITTED)

    def finish(self, move: Move) -> str:
        """Check a sent change in new sessions and confirm it; WentBack where it does not hold."""
        if not reached(self._entries(), move.router, Step.CONFIRMING):
            self._settle(move)
            self._note(move, Step.CONFIRMING)
        if not reached(self._entries(), move.router, Step.CONFIRMED):
            self._confirm(move)
            self._note(move, Step.CONFIRMED)
        return self.keep(move)

    def keep(self, move: Move) -> str:
        """Prove that running is the candidate, clean up, and archive it; returns a warning where that fails."""

        def attempt(device: Device) -> bool:
            running = device.running_config()
            if not self._is(move, move.new, running):
                raise WentBack("running is not what was confirmed: somebody else changed it", where=move.router)
            device.discard()
            self._ports.archive.take(move.router, lambda: running, author=move.author, reason=move.reason, proved=True)
            return True

        try:
            last = self._now() + timedelta(seconds=self._timing.settle_s)
            self._until(move, lambda: last, attempt)
        except (WentBack, LeaseLost):
            raise
        except AgentError as error:
            remedy = f"run: spokesman archive take {move.router}"
            return f"{move.router} is changed and proved, but not archived ({error}); {remedy}"
        self._note(move, Step.KEPT)
        return ""

    def back(self, move: Move) -> bool:
        """Bring the router to its old configuration from wherever it is; returns whether it had left it.

        Raises Uncertain if it cannot be proved to be back.
        """
        entries = self._entries()
        left = reached(entries, move.router, Step.COMMITTED)
        putting = reached(entries, move.router, Step.PUTTING_BACK)
        confirmed = reached(entries, move.router, Step.CONFIRMING)
        commit = self._sent(move)
        last = self._patience(commit)
        self._note(move, Step.TAKING_BACK)

        def attempt(device: Device) -> bool:
            nonlocal left, putting, last
            waits = device.pending_revert()
            if self._runs(device, move, move.old) and (putting or not waits):
                if not waits and not putting and self._now() < commit.sure_from:
                    return False
                if waits:
                    device.confirm()
                elif putting or confirmed:
                    device.save()
                device.discard()
                if putting or confirmed:
                    self._archive_taken_back(device, move)
                return True
            left = True
            last = self._patience(self._sent_now(move))
            if waits:
                self._tell(move, "taking the change back")
                device.revert_now()
            else:
                self._tell(move, "putting the former configuration back")
                self._put_back(device, move)
                putting = True
            return False

        try:
            self._until(move, lambda: last, attempt)
        except LeaseLost:
            raise
        except AgentError as error:
            raise self.uncertain(move, error) from error
        self._note(move, Step.TAKEN_BACK)
        return left

    def tidy(self, move: Move) -> None:
        """Remove a candidate that was never committed; a router that does not answer keeps it, and that is told."""
        try:
            with self._session(move.view) as device:
                device.discard()
        except DeviceError as error:
            self._tell(move, f"the candidate may still be on it: {error}")

    def _archive_taken_back(self, device: Device, move: Move) -> None:
        """The archive may have what was confirmed as its newest; what runs again is. It fails without consequence."""
        reason = f"taken back: {move.reason}"
        try:
            self._ports.archive.take(move.router, device.running_config, author=move.author, reason=reason, proved=True)
        except AgentError as error:
            self._tell(move, f"taken back, but not archived ({error}); run: spokesman archive take {move.router}")

    def _put_back(self, device: Device, move: Move) -> None:
        """Send the former configuration as a change of its own; the router may meanwhile be another one's chassis."""
        self._ports.archive.take_before_change(
            move.router,
            device.running_config,
            author=move.author,
            reason=f"before taking back: {move.reason}",
            taking_back=True,
        )
        device.load_replace(self._texts(move).candidate(move.old, device.running_config()))
        self._note(move, Step.PUTTING_BACK)
        device.commit(self._revert_s(move))

    def _settle(self, move: Move) -> None:
        """Wait until the router answers, runs the candidate, has its certificates and its links; WentBack otherwise."""
        commit = self._sent(move)
        before = frozenset(json.loads(detail(self._entries(), move.router, Step.OBSERVED) or "[]"))
        required = self._check.kept(move.view, before, move.new) | move.expects
        faults: tuple[str, ...] = ("management did not come back",)
        trustpoints = self._texts(move).trustpoints(move.new)

        def attempt(device: Device) -> bool:
            nonlocal faults
            if not self._runs(device, move, move.new):
                if not device.pending_revert() and self._now() >= commit.sure_from:
                    raise WentBack(f"the router took the change back by itself: {'; '.join(faults)}", where=move.router)
                faults = ("running is not the candidate",)
                return False
            faults = _without_certificates(trustpoints)
            faults = _without_certificates(one for one in trustpoints if not device.certify(one))
            if faults:
                return False
            faults = ("links cannot be seen",)
            faults = self._check.faults(device, move.view, required)
            if not faults:
                self._users(device, move)
            return not faults

        last = min(self._now() + timedelta(seconds=self._timing.settle_s), commit.due)
        try:
            self._until(move, lambda: last, attempt)
        except DeviceError as error:
            raise WentBack(f"{'; '.join(faults)} ({error.message})", where=move.router) from error

    def _confirm(self, move: Move) -> None:
        """Confirm and save, asking the router as often as it takes; WentBack if its timer was faster."""

        def attempt(device: Device) -> bool:
            if device.pending_revert():
                device.confirm()
            elif not self._runs(device, move, move.new):
                raise WentBack("the router took the change back before it was confirmed", where=move.router)
            else:
                device.save()
            return True

        last = self._patience(self._sent(move))
        self._until(move, lambda: last, attempt)

    def _users(self, device: Device, move: Move) -> None:
        missing = sorted(set(move.users) - device.snmp_users()) if move.users else []
        for user in missing:
            device.set_snmp_user(move.users[user].reveal())

    def _nothing_waits(self, device: Device, move: Move) -> None:
        if device.pending_revert():
            raise Refused(
                "a timed change by somebody else waits for its confirmation",
                where=move.router,
                remedy="let them confirm it or take it back, then plan again",
            )

    def _archive_before(self, device: Device, move: Move) -> int:
        archive = self._ports.archive
        kept = archive.take_before_change(
            move.router, device.running_config, author=move.author, reason=f"before: {move.reason}"
        )
        archived = archive.load(move.router, kept.number).text
        if not self._texts(move).equal(move.old, archived):
            raise Refused("running changed since the plan was made", where=move.router, remedy="plan again")
        return kept.number

    def _until(self, move: Move, last: Callable[[], datetime], attempt: Callable[[Device], bool]) -> None:
        """Try ``attempt`` in a new session each time until it returns True; raises what was wrong after ``last``."""
        rejections = 0
        problem: DeviceError
        while True:
            self._ports.ledger.renew(self._hold, self._lease_end())
            try:
                with self._session(move.view) as device:
                    if attempt(device):
                        return
                problem = DeviceTimeout("it did not get there in time", where=move.router)
            except NothingPending as error:
                problem = error
            except CommandRejected as error:
                problem = error
                rejections += 1
            except DeviceError as error:
                problem = error
            if rejections >= REJECTIONS or self._now() >= last():
                raise problem
            self._runtime.sleep(self._timing.poll_s)

    def _session(self, view: SiteView) -> AbstractContextManager[Device]:
        return self._ports.devices.open(view)

    def _sent(self, move: Move) -> Sent:
        """When the commit of this change was sent, from the journal; now, where none was."""
        timer, grace = timedelta(seconds=self._revert_s(move)), timedelta(seconds=self._timing.grace_s)
        return sent(self._entries(), move.router, timer, grace) or Sent(self._now(), self._now())

    def _sent_now(self, move: Move) -> Sent:
        return Sent(self._now() + timedelta(seconds=self._revert_s(move)), self._now())

    def _revert_s(self, move: Move) -> int:
        return self._timing.revert_of(move.view)

    def _patience(self, commit: Sent) -> datetime:
        """Until when to wait for a router that may have to take a change back by its own timer."""
        if not self._patient:
            return commit.due
        return max(commit.due, self._now()) + timedelta(seconds=self._timing.return_s)

    def _texts(self, move: Move) -> Texts:
        return self._ports.texts(move.view)

    def _runs(self, device: Device, move: Move, text: str) -> bool:
        return self._is(move, text, device.running_config())

    def _is(self, move: Move, text: str, running: str) -> bool:
        try:
            return self._texts(move).equal(text, running)
        except NotParsable as error:
            raise IncompleteOutput(f"its configuration cannot be read ({error})", where="running") from error

    def _entries(self) -> tuple[Entry, ...]:
        return self._ports.ledger.entries(self._hold.change)

    def _note(self, move: Move, step: Step, text: str = "") -> None:
        self._ports.ledger.append(self._hold, Entry(self._now(), move.router, step, text), self._lease_end())

    def _lease_end(self) -> datetime:
        return self._now() + timedelta(seconds=self._timing.lease_s)

    def _now(self) -> datetime:
        return self._runtime.clock()

    def _tell(self, move: Move, text: str) -> None:
        self._runtime.progress(f"{move.router}: {text}")

    def uncertain(self, move: Move, error: AgentError) -> Uncertain:
        """What to tell of a router that could not be proved to be on its old configuration."""
        return Uncertain(
            f"it is not known what the router runs ({error.message})",
            where=move.router,
            commands=(
                *self._texts(move).last_resort(move.router),
                "when management answers again: spokesman doctor --finish",
            ),
        )


def _without_certificates(trustpoints: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"no certificate of {one} yet" for one in trustpoints)
