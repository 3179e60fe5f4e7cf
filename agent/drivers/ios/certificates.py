"""A router's certificates: whether it has them, and the two commands by which it gets them, with their questions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.drivers.checks import printable
from agent.drivers.ios.session import IosSession
from agent.errors import CommandRejected, DeviceTimeout

_PROMPT = r"\(config[^)\n]*\)#[ \t]*$"
_QUESTION = r"(?:\[yes/no\]: ?|\[no\]: ?|[Pp]assword: ?)$"
#: What is answered, by what the question ends in; no password: revoking goes by serial number.
_ANSWERS = (
    (re.compile(r"Request certificate from CA\? \[yes/no\]: ?$"), "yes"),
    (re.compile(r"[Pp]assword: ?$"), ""),
    (re.compile(r""), "no"),
)
_MOST_QUESTIONS = 10
_ACCEPTED = re.compile(r"^Trustpoint CA certificate accepted", re.MULTILINE)
#: Nobody answered at the URL: the way there may still come up.
_SILENT = re.compile(r"^% Error in receiving", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Held:
    """What a router has of one trustpoint; ``pending`` is a request that was not answered yet."""

    authority: bool
    own: bool
    pending: bool


def held(output: str) -> Held:
    """What ``show crypto pki certificates NAME`` says."""
    blocks = re.split(r"^(?=\S)", output, flags=re.MULTILINE)
    own = [block for block in blocks if block.startswith("Certificate")]
    return Held(
        authority=any(block.startswith("CA Certificate") for block in blocks),
        own=any(re.search(r"^[ \t]*Status: Available", block, re.MULTILINE) for block in own),
        pending=any(re.search(r"^[ \t]*Status: Pending", block, re.MULTILINE) for block in own),
    )


def certify(session: IosSession, trustpoint: str) -> bool:
    """One step towards a certificate; True once the router has it.

    Without the authority's own certificate it is fetched, and taken only if it has the fingerprint that the trustpoint
    states; then a certificate is asked for, unless that is under way. CommandRejected where the authority's is not the
    right one, DeviceTimeout where nobody answers.
    """
    if not _NAME.fullmatch(trustpoint):
        raise CommandRejected("this is no name of a trustpoint", where=session.router, remedy="see the rendered text")
    with session.step("show crypto pki certificates", session.limits.command_s):
        found = held(session.ask(f"show crypto pki certificates {trustpoint}"))
    if found.authority and (found.own or found.pending):
        return found.own
    if found.authority:
        session.refuse_rejected(_entered(session, f"crypto pki enroll {trustpoint}"), "crypto pki enroll")
        return False
    said = _entered(session, f"crypto pki authenticate {trustpoint}")
    if not _ACCEPTED.search(said):
        refused = DeviceTimeout if _SILENT.search(said) else CommandRejected
        raise refused(
            f"the router has no certificate of its authority {trustpoint}: {_last(session, said)}",
            where=session.router,
            remedy="check that the authority answers at enrollment_url of [pki] in spokesman.toml, and its fingerprint",
        )
    return False


def _entered(session: IosSession, command: str) -> str:
    """What the router says to a command of configuration mode, its questions answered."""
    connection, limit = session.connection, session.limits.change_s
    with session.step(command, limit):
        connection.config_mode()
        end = f"{_PROMPT}|{_QUESTION}"
        said = answer = str(connection.send_command(command, expect_string=end, read_timeout=limit, strip_prompt=False))
        for _ in range(_MOST_QUESTIONS):
            if not re.search(_QUESTION, answer):
                break
            typed = next(reply for pattern, reply in _ANSWERS if pattern.search(answer))
            answer = str(
                connection.send_command(
                    typed or "\n", expect_string=end, read_timeout=limit, strip_prompt=False, cmd_verify=False
                )
            )
            said += answer
        connection.exit_config_mode()
    return printable(said)


def _last(session: IosSession, said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip() and not re.search(_PROMPT, line)]
    return session.hidden(" / ".join(lines[-2:]))[:200] or "it says nothing"
