"""One device's SNMP agent: from a datagram to its answer. It reads, it never writes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import Protocol

from agent.lab.box.records import SnmpUser
from agent.lab.config import ConfigTree
from agent.lab.snmp.access import Level, SnmpAccess, View, read_access
from agent.lab.snmp.ber import END_OF_MIB_VIEW, NO_SUCH_INSTANCE, NO_SUCH_OBJECT, BerError, Oid, Value
from agent.lab.snmp.message import (
    AUTHORIZATION_ERROR,
    GET,
    GET_BULK,
    GET_NEXT,
    NO_ACCESS,
    REPORT,
    SET,
    TOO_BIG,
    Binding,
    Pdu,
    Security,
    V2Message,
    V3Message,
    counter,
    read_message,
    read_scoped,
    scoped,
)
from agent.lab.snmp.usm import AUTHENTICATION, PRIVACY, Keys, localised, private_key

MAX_SIZE = 1500
_OVERHEAD = 140  # what surrounds the bindings of a v3 message, at most
_WINDOW = 150  # seconds (RFC 3414)
_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
UNSUPPORTED_LEVEL, NOT_IN_WINDOW, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, DECRYPTION = 1, 2, 3, 4, 5, 6


class Mib(Protocol):
    """The objects of a device: sorted instances, and their values at this moment."""

    def oids(self) -> list[Oid]:
        """All instances in order."""

    def value(self, oid: Oid) -> Value | None:
        """The value of an instance, None where there is none."""

    def has_object(self, oid: Oid) -> bool:
        """Whether some instance has the same object (column), so that only this instance is missing."""


class Host(Protocol):
    """The device that an agent answers for; who may read it is in the lines of ``running``."""

    @property
    def running(self) -> ConfigTree:
        """Its running configuration."""

    @property
    def snmp_users(self) -> dict[str, SnmpUser]:
        """Its users of v3 by name."""

    @property
    def engine_id(self) -> bytes:
        """snmpEngineID."""

    @property
    def engine_time(self) -> int:
        """snmpEngineTime, in seconds."""

    @property
    def boots(self) -> int:
        """snmpEngineBoots."""


@dataclass(frozen=True, slots=True)
class _Refused(Exception):
    """An answer other than the data: a report, or nothing at all."""

    report: V3Message | None = None


class SnmpAgent:
    """Answers for one device; ``source`` is where its requests come from, as the device sees it."""

    def __init__(self, router: Host, mib: Callable[[], Mib], source: IPv4Address) -> None:
        self._router = router
        self._mib = mib
        self._source = source
        self._salt = 0
        self._stats = dict.fromkeys(range(1, 7), 0)
        self._access: tuple[ConfigTree, SnmpAccess] | None = None

    def answer(self, data: bytes) -> bytes | None:
        """The datagram to send back, or None."""
        try:
            message = read_message(data)
            return self._answer_v2(message) if isinstance(message, V2Message) else self._answer_v3(message, data)
        except (BerError, ValueError):
            return None
        except _Refused as refused:
            return refused.report.encoded() if refused.report else None

    def access(self) -> SnmpAccess:
        """Who may read what, by the running configuration."""
        if self._access is None or self._access[0] is not self._router.running:
            self._access = (self._router.running, read_access(self._router.running))
        return self._access[1]

    def _answer_v2(self, message: V2Message) -> bytes | None:
        found = self.access().communities.get(message.community)
        if found is None or message.version != 1 or not self.access().admits(found.access_list, self._source):
            return None
        return replace(message, pdu=self._respond(message.pdu, found.view, MAX_SIZE)).encoded()

    def _answer_v3(self, message: V3Message, received: bytes) -> bytes | None:
        security = message.security
        if security.engine_id != self._router.engine_id:
            raise _Refused(self._report(message, UNKNOWN_ENGINE, None))
        user = self._router.snmp_users.get(security.user.decode("utf-8", "replace"))
        if user is None:
            raise _Refused(self._report(message, UNKNOWN_USER, None))
        level = Level(1 + message.authenticated + message.private)
        keys = self._checked(message, received, user, level)
        data = message.data
        if message.private and keys:
            data = keys.decrypt(data, security.boots, security.time, security.salt)
        try:
            _, context, pdu = read_scoped(data)
        except BerError:
            raise _Refused(self._report(message, DECRYPTION, keys)) from None
        return self._sealed(message, scoped(self._router.engine_id, context, self._permitted(pdu, user, level)), keys)

    def _permitted(self, pdu: Pdu, user: SnmpUser, level: Level) -> Pdu:
        access = self.access()
        group = access.group(user.group, level)
        for name in filter(None, (user.access, group.access_list if group else "")):
            if not access.admits(name, self._source):
                raise _Refused
        if group is None:
            return pdu.answer(pdu.bindings, AUTHORIZATION_ERROR)
        return self._respond(pdu, group.view, MAX_SIZE)

    def _checked(self, message: V3Message, received: bytes, user: SnmpUser, level: Level) -> Keys | None:
        """Level, digest and time, in the order of RFC 3414 section 3.2."""
        able = Level(1 + bool(user.auth) + bool(user.priv))
        if level > able or (user.auth and user.auth not in AUTHENTICATION) or (user.priv and user.priv not in PRIVACY):
            raise _Refused(self._report(message, UNSUPPORTED_LEVEL, None))
        if not message.authenticated:
            return None
        private = private_key(user.auth, user.priv, user.priv_secret, user.engine_id) if user.priv else b""
        keys = Keys(user.auth, localised(user.auth, user.auth_secret, user.engine_id), private)
        security = message.security
        bare = received[: security.mac_at] + bytes(keys.mac_size) + received[security.mac_at + keys.mac_size :]
        if len(security.mac) != keys.mac_size or keys.mac(bare) != security.mac:
            raise _Refused(self._report(message, WRONG_DIGEST, None))
        late = abs(security.time - self._router.engine_time) > _WINDOW
        if security.boots != self._router.boots or late:
            raise _Refused(self._report(message, NOT_IN_WINDOW, keys))
        return keys

    def _report(self, message: V3Message, stat: int, keys: Keys | None) -> V3Message | None:
        """A report with one of the usmStats counters; authenticated where the peer could check it."""
        self._stats[stat] += 1
        if not message.reportable:
            return None
        pdu = Pdu(REPORT, 0, 0, 0, (((*_STATS, stat, 0), counter(self._stats[stat])),))
        plain = replace(message, private=False, authenticated=keys is not None)
        return self._built(plain, scoped(self._router.engine_id, b"", pdu), keys)

    def _sealed(self, message: V3Message, data: bytes, keys: Keys | None) -> bytes:
        return self._built(message, data, keys).encoded()

    def _built(self, message: V3Message, data: bytes, keys: Keys | None) -> V3Message:
        router = self._router
        boots, time, salt = router.boots, router.engine_time, b""
        if message.private and keys:
            self._salt += 1
            salt = boots.to_bytes(4, "big") + (self._salt & 0xFFFFFFFF).to_bytes(4, "big")
            data = keys.encrypt(data, boots, time, salt)
        mac = bytes(keys.mac_size) if keys else b""
        security = Security(router.engine_id, boots, time, message.security.user, mac, salt)
        built = replace(message, reportable=False, max_size=MAX_SIZE, security=security, data=data)
        if keys:
            built = replace(built, security=replace(security, mac=keys.mac(built.encoded())))
        return built

    def _respond(self, pdu: Pdu, view: View | None, size: int) -> Pdu:
        if view is None:
            return pdu.answer(pdu.bindings, AUTHORIZATION_ERROR)
        if pdu.kind == SET:
            return pdu.answer(pdu.bindings, NO_ACCESS, 1 if pdu.bindings else 0)
        mib = self._mib()
        if pdu.kind == GET:
            bindings = tuple((oid, _exact(mib, view, oid)) for oid, _ in pdu.bindings)
        elif pdu.kind == GET_NEXT:
            bindings = tuple(_next(mib, view, oid) for oid, _ in pdu.bindings)
        elif pdu.kind == GET_BULK:
            return pdu.answer(_bulk(mib, view, pdu, size - _OVERHEAD))
        else:
            raise _Refused
        answer = pdu.answer(bindings)
        return answer if len(answer.encoded()) <= size - _OVERHEAD + 60 else pdu.answer((), TOO_BIG)


def _exact(mib: Mib, view: View, oid: Oid) -> Value:
    value = mib.value(oid) if view.shows(oid) else None
    if value is not None:
        return value
    return Value(NO_SUCH_INSTANCE if mib.has_object(oid) and view.shows(oid) else NO_SUCH_OBJECT)


def _next(mib: Mib, view: View, oid: Oid) -> Binding:
    oids = mib.oids()
    at = bisect_right(oids, oid)
    while at < len(oids):
        value = mib.value(oids[at]) if view.shows(oids[at]) else None
        if value is not None:
            return oids[at], value
        at += 1
    return oid, Value(END_OF_MIB_VIEW)


def _bulk(mib: Mib, view: View, pdu: Pdu, room: int) -> tuple[Binding, ...]:
    """Non-repeaters once, the others again and again until the message is full."""
    single = max(0, pdu.status)
    out = [_next(mib, view, oid) for oid, _ in pdu.bindings[:single]]
    heads = [oid for oid, _ in pdu.bindings[single:]]
    room -= sum(_size(one) for one in out)
    for _ in range(min(max(0, pdu.index), 100)):
        if not heads:
            break
        row = [_next(mib, view, head) for head in heads]
        for binding in row:
            room -= _size(binding)
            if room < 0:
                return tuple(out)
            out.append(binding)
        if all(value.tag == END_OF_MIB_VIEW for _, value in row):
            break
        heads = [oid for oid, _ in row]
    return tuple(out)


def _size(binding: Binding) -> int:
    """Octets of a binding, rounded up."""
    return 6 + 2 * len(binding[0]) + len(binding[1].octets)
