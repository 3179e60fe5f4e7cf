"""Records who a router is: the one moment in which an unknown or changed host key is accepted."""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from agent.errors import HostKeyRefused, Refused, WrongDevice
from agent.events import Clock, Event, EventSink, Result
from agent.provisioning.planner import result_of, words_of
from agent.provisioning.ports import DeviceFacts, Devices, Enrolment, Enrolments
from inventory import Inventory, SiteView


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The identity on record; ``changed`` tells whether it was recorded just now."""

    enrolment: Enrolment
    fingerprint: str
    changed: bool


class Enroller:
    """Enrols routers."""

    def __init__(self, devices: Devices, enrolments: Enrolments, events: EventSink, clock: Clock) -> None:
        self._devices = devices
        self._enrolments = enrolments
        self._events = events
        self._clock = clock

    def enrol(self, inventory: Inventory, router: str, *, who: str, replace: bool = False) -> Enrolled:
        """Record serial number and host key of what answers at the router's management address.

        It must have the router's name, its model, and the serial number if the inventory gives one: WrongDevice
        otherwise. Another identity than the recorded one is Refused unless ``replace`` says that the router was
        replaced. Every attempt leaves an event.
        """
        why = "the router was replaced" if replace else "first contact"
        try:
            enrolled = self._enrolled(inventory.router(router), who, replace)
        except Exception as error:
            self._tell(who, router, why, result_of(error), words_of(error))
            raise
        text = f"serial {enrolled.enrolment.serial}, host key {enrolled.fingerprint}"
        self._tell(who, router, why, Result.DONE, text if enrolled.changed else f"unchanged: {text}")
        return enrolled

    def _enrolled(self, view: SiteView, who: str, replace: bool) -> Enrolled:
        router = view.router.name
        key = self._devices.host_key(view)
        known = self._enrolments.enrolment(router)
        if known is not None and known.host_key != key and not replace:  # it may be anybody: no password is sent
            raise _another(router, f"host key {fingerprint(key)}", f"host key {fingerprint(known.host_key)}")
        with self._devices.open_with_key(view, key) as device:
            facts = device.facts()
        _expected(view, facts)
        if known is not None and (known.serial, known.host_key) == (facts.serial, key):
            return Enrolled(known, fingerprint(key), changed=False)
        if known is not None and not replace:
            raise _another(router, f"serial {facts.serial}", f"serial {known.serial}")
        enrolment = Enrolment(router, facts.serial, key, self._clock(), who)
        self._enrolments.enrol(enrolment)
        return Enrolled(enrolment, fingerprint(key), changed=True)

    def _tell(self, who: str, router: str, why: str, result: Result, text: str) -> None:
        self._events.record(Event(self._clock(), who, "enrol", router, why, result, text))


def fingerprint(host_key: str) -> str:
    """The SHA-256 fingerprint of ``ssh-… base64``, as OpenSSH and routers show it; HostKeyRefused if it is no key."""
    try:
        data = b64decode(host_key.split()[1], validate=True)
    except (IndexError, binascii.Error):
        raise HostKeyRefused("what answers sent no host key", where=host_key[:40]) from None
    return "SHA256:" + b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def _another(router: str, answers: str, enrolled: str) -> Refused:
    return Refused(
        f"another router answers: {answers}; enrolled is {enrolled}",
        where=router,
        remedy=f"find out why; if the router was replaced: spokesman enrol {router} --replace",
    )


def _expected(view: SiteView, facts: DeviceFacts) -> None:
    router = view.router
    wanted = [("name", router.name, facts.hostname), ("serial number", router.serial or facts.serial, facts.serial)]
    for what, expected, found in wanted:
        if found != expected:
            raise WrongDevice(
                f"its {what} is {found}, the inventory says {expected}",
                where=router.name,
                remedy="correct the inventory, or connect the right router and load its bootstrap",
            )
    if facts.model.partition("/")[0] != router.model:
        raise WrongDevice(
            f"it is a {facts.model}, the inventory says {router.model}",
            where=router.name,
            remedy="correct router.model in the inventory, or install the right model",
        )
