"""The verbs of the control socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..change import sets
from ..change.transaction import Request, Transaction
from ..errors import Refused
from .server import Answer
from .workers import Workers

Arguments = dict[str, Any]
QUICK_S = 60.0


class Verbs:
    """What each verb does: at once, or in a worker where it reads the machine."""

    def __init__(self, transaction: Transaction, workers: Workers) -> None:
        self._transaction = transaction
        self._workers = workers
        self._at_once: dict[str, Callable[[Arguments], Any]] = {
            "pending": lambda _: transaction.pending(),
            "lease": lambda _: transaction.follow_lease(),
            "confirm": lambda given: transaction.confirm(_text(given, "user", "")),
        }
        self._in_worker: dict[str, Callable[[Arguments], Any]] = {
            "facts": _facts,
            "running": _running,
            "startup": _startup,
            "load": _load,
            "compare": _compare,
            "discard": _discard,
            "show": _show,
            "ping": _ping,
        }

    def handle(self, verb: str, given: Arguments, answer: Answer) -> None:
        """Do a verb; ``answer`` gets its outcome now or later. Raises RouterError."""
        if verb in self._at_once:
            answer({"ok": True, "result": self._at_once[verb](given)})
        elif verb in self._in_worker:
            work = self._in_worker[verb]
            self._workers.start(verb, lambda: work(given), answer, limit_s=QUICK_S)
        elif verb == "commit":
            seconds = given.get("revert_in_s")
            if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
                raise Refused("revert_in_s is a number of seconds")
            asked = Request(_text(given, "user", ""), seconds, _text(given, "message", ""), _text(given, "sha256", ""))
            self._transaction.commit(asked, answer)
        elif verb == "revert":
            self._transaction.revert(_text(given, "user", "a person"), answer)
        else:
            raise Refused(f"the verb {verb[:40]!r} is not known")


def _text(given: Arguments, name: str, default: str | None = None) -> str:
    value = given.get(name, default)
    if not isinstance(value, str):
        raise Refused(f"{name} is a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused(f"{name} holds what is no character of UTF-8") from None
    return value


def _facts(_: Arguments) -> dict[str, Any]:
    from ..showing.facts import facts

    return facts()


def _running(_: Arguments) -> dict[str, str]:
    from ..change.document import build

    return {"text": build(sets.at_rest(sets.running))}


def _startup(_: Arguments) -> dict[str, str]:
    from .. import files, places

    sets.confirmed()  # says what to do where it is damaged
    return {"text": files.read(places.CONFIRMED)}


def _load(given: Arguments) -> dict[str, str]:
    return {"sha256": sets.load(_text(given, "text"), _text(given, "mode", "replace"))}


def _compare(_: Arguments) -> dict[str, str]:
    return {"text": sets.difference()}


def _discard(_: Arguments) -> dict[str, str]:
    sets.discard()
    return {}


def _show(given: Arguments) -> dict[str, str]:
    from ..showing.topics import show

    arguments = given.get("args") or []
    if not isinstance(arguments, list) or not all(isinstance(word, str) for word in arguments):
        raise Refused("args is a list of words")
    return {"text": show(_text(given, "topic"), arguments)}


def _ping(given: Arguments) -> dict[str, Any]:
    from ..showing.ping import ping

    count = given.get("count", 5)
    if isinstance(count, bool) or not isinstance(count, int):
        raise Refused("count is a number")
    return ping(_text(given, "address"), _text(given, "vpn", ""), _text(given, "source", ""), count)
