"""Whether the management centre's login can manage the router, and nobody gets in who does not say who it is."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding
from agent.verification.ground import Ground, cite, one
from agent.verification.services.access import user_of
from device_templates.model import Terminal, User

#: Seconds; programs and people pause longer than that between two commands.
_LEAST_IDLE_S = 30


def logins_may_manage(ground: Ground) -> Iterator[Finding]:
    """The management centre's login has the rights to change the router, and stays in to do so [WV-7]."""
    for view, model in ground.routers:
        ours = user_of(ground, view)
        for user in model.users:
            for fault in _user_faults(user) if user.name == ours else ():
                message = f"user {user.name}, the management centre's, {fault}"
                lines = cite(view.router.name, user.at)
                yield one(view, "WV-7", message, lines=lines, option="router.management.credentials")
        for terminal in model.terminals:
            for fault, field in _terminal_faults(terminal) if "ssh" in terminal.protocols else ():
                lines = cite(view.router.name, terminal.at, field) or cite(view.router.name, terminal.at)
                yield one(view, "WV-7", f"{terminal.name}: {fault}", lines=lines)


def _user_faults(user: User) -> Iterator[str]:
    if not user.administers:
        yield "may not change the router"
    if not user.opens:
        yield "is put out after one command"


def _terminal_faults(terminal: Terminal) -> Iterator[tuple[str, str]]:
    if not terminal.authorized:
        yield "who logs in does not get the rights that its user has: the management centre changes nothing", "rights"
    if not terminal.opens:
        yield "who logs in can give no command", "opens"
    if terminal.idle_s is not None and 0 < terminal.idle_s < _LEAST_IDLE_S:
        yield f"who logs in is put out after {terminal.idle_s} s without a command", "idle_s"


def nobody_is_let_in_unproved(ground: Ground) -> Iterator[Finding]:
    """No user goes without a secret, and who stands before the router proves who it is too [WV-7]."""
    for view, model in ground.routers:
        for user in model.users:
            if not user.proved:
                lines = cite(view.router.name, user.at)
                yield one(view, "WV-7", f"user {user.name} is let in without a secret", lines=lines)
        for console in model.consoles:
            if "none" in console.methods or not console.methods:
                lines = cite(view.router.name, console.at, "login") or cite(view.router.name, console.at)
                yield one(view, "WV-7", f"{console.name}: who stands before the router is in at once", lines=lines)


CHECKS = (logins_may_manage, nobody_is_let_in_unproved)
