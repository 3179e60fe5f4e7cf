"""The console of a router, as a field engineer uses it on day zero: text is pasted, what the router says comes back."""

from __future__ import annotations

from agent.lab.ios.shell import Shell
from agent.lab.router import VirtualRouter


def paste(router: VirtualRouter, text: str) -> str:
    """Type ``text`` line by line on the console; give what a terminal would show.

    Questions that the text does not answer are answered as a person in a hurry does: Enter, ``no`` to saving.
    A router that is off or booting shows nothing.
    """
    if not router.up:
        return ""
    shell = Shell(router, "console", 1)
    shown = []
    for row in text.replace("\r\n", "\n").split("\n"):
        if row.startswith("!") and shell.editor is None:
            continue
        shown.append(f"{shell.prompt}{row}\n")
        reply = shell.feed(row)
        shown.append(reply.text)
        while shell.question and not reply.closed:
            answer = "no" if "[yes/no]" in shell.question.text else ""
            shown.append(f"{shell.prompt}{answer}\n")
            reply = shell.feed(answer)
            shown.append(reply.text)
        if reply.closed:
            break
    return "".join(shown)
