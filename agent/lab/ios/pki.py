"""``crypto pki authenticate`` and ``crypto pki enroll`` at a terminal: they ask questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.lab.lines.grammar import Known
from agent.lab.pki import client
from agent.lab.router import VirtualRouter

if TYPE_CHECKING:
    from agent.lab.ios.shell import Reply

_ASKS = " [yes/no]: "
_CHALLENGE = (
    "%\n% Start certificate enrollment .. \n"
    "% Create a challenge password. You will need to verbally provide this\n"
    "   password to the CA Administrator in order to revoke your certificate.\n"
    "   For security reasons your password will not be saved in the configuration.\n"
    "   Please make a note of it.\n\n"
)
#: Says a text and asks; the answer is given to what follows.
Ask = Callable[..., "Reply"]
Say = Callable[[str], "Reply"]


class Dialogue:
    """One command's questions and answers."""

    def __init__(self, router: VirtualRouter, name: str, say: Say, ask: Ask) -> None:
        self._router = router
        self._name = name
        self._say = say
        self._ask = ask

    def authenticate(self) -> Reply:
        """Fetch the authority's certificate."""
        said = client.authenticate(self._router, self._name)
        if not said.endswith(_ASKS):
            return self._say(said)
        return self._ask(said, lambda typed: self._say(client.authenticate(self._router, self._name, _yes(typed))))

    def enroll(self) -> Reply:
        """Ask for a certificate of the router's own."""
        trustpoint = client.trustpoints(self._router).get(self._name)
        if trustpoint is None:
            return self._say(f"% CA trustpoint {self._name} is not configured.\n")
        if trustpoint.authority is None:
            return self._say("% You must authenticate the Certificate Authority before\nyou can enroll with it.\n")
        if self._name in self._router.pki.requests:
            return self._say("% An enrollment request is pending for this trustpoint.\n")
        if trustpoint.own is not None:
            question = "% You already have a certificate of this authority.\n"
            question += "% Do you want to continue with re-enrollment? [yes/no]: "
            return self._ask(question, lambda typed: self._password() if _yes(typed) else self._say(""))
        return self._password()

    def _password(self) -> Reply:
        return self._ask(f"{_CHALLENGE}Password: ", lambda _: self._again(), secret=True)

    def _again(self) -> Reply:
        return self._ask("Re-enter password: ", lambda _: self._serial(""), secret=True)

    def _serial(self, said: str) -> Reply:
        trustpoint = client.trustpoints(self._router)[self._name]
        said += f"\n% The subject name in the certificate will include: {trustpoint.subject}\n"
        section = self._router.running.section(f"crypto pki trustpoint {self._name}")
        if section is not None and not section.has("serial-number"):
            question = f"{said}% Include the router serial number in the subject name? [yes/no]: "
            return self._ask(question, lambda _: self._address(""))
        return self._address(said)

    def _address(self, said: str) -> Reply:
        section = self._router.running.section(f"crypto pki trustpoint {self._name}")
        if section is not None and not section.has("ip-address"):
            return self._ask(f"{said}% Include an IP address in the subject name? [no]: ", lambda _: self._request(""))
        return self._request(said)

    def _request(self, said: str) -> Reply:
        return self._ask(f"{said}Request certificate from CA? [yes/no]: ", self._requested)

    def _requested(self, typed: str) -> Reply:
        if not _yes(typed):
            return self._say("")
        client.ask(self._router, self._name)
        return self._say(
            "% Certificate request sent to Certificate Authority\n"
            f"% The 'show crypto pki certificate verbose {self._name}' commandwill show the fingerprint.\n"
        )


def asked(router: VirtualRouter, text: str) -> Known | None:
    """The command in full, where a line typed in configuration mode is one that asks questions."""
    known = router.grammar.match("config", text)
    asks = ("crypto pki authenticate ", "crypto pki enroll ")
    return known if isinstance(known, Known) and known.text.startswith(asks) else None


def _yes(typed: str) -> bool:
    return typed.strip().lower().startswith("y")
