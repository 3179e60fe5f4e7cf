"""One login session: prompts, exec commands, configuration mode, questions; text in, text out, no sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.lab.ios import commands, rollback
from agent.lab.ios.pipes import piped
from agent.lab.ios.pki import Dialogue, asked
from agent.lab.ios.tcl import Tcl
from agent.lab.lines import passwords
from agent.lab.lines.editor import Editor, caret
from agent.lab.lines.grammar import Known, Unknown, exec_grammar
from agent.lab.router import VirtualRouter


@dataclass(frozen=True, slots=True)
class Reply:
    """What follows a line; ``pause`` is real seconds before it is sent, ``closed`` ends the session."""

    text: str = ""
    pause: float = 0.0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Something the router asks; ``answer`` gets what was typed. ``secret``: it is not echoed."""

    text: str
    answer: Callable[[str], Reply]
    secret: bool = False


class Shell:
    """A session of ``user``; ``privilege`` is where the login lands. Feed it lines; print reply and prompt."""

    def __init__(self, router: VirtualRouter, user: str, privilege: int = 15) -> None:
        self.router = router
        self.user = user
        self.privilege = privilege
        self.editor: Editor | None = None
        self.tcl: Tcl | None = None
        self.question: Question | None = None
        self._enable_tries = 0

    @property
    def prompt(self) -> str:
        """What stands before the next typed line."""
        if self.question:
            return self.question.text
        if self.tcl is not None:
            return self.tcl.prompt
        if self.editor is None:
            return self.router.hostname + ("#" if self.privilege > 1 else ">")
        # IOS cuts the name to 20 characters here.
        return "" if self.editor.gathering else f"{self.router.hostname[:20]}({self.editor.prompt})#"

    @property
    def echo(self) -> bool:
        """Whether what is typed now is echoed."""
        return self.question is None or not self.question.secret

    def feed(self, raw: str) -> Reply:
        """Take one line; change the router as it says; give the output without the next prompt."""
        self.router.tick()
        try:
            if self.question:
                asked, self.question = self.question, None
                return asked.answer(raw)
            if self.tcl is not None:
                return self._in_tcl(raw, self.tcl)
            if self.editor is not None:
                return self._configure(raw, self.editor)
            return self._exec(raw)
        finally:
            self.router.settle(self.user)

    def ask(self, text: str, answer: Callable[[str], Reply], *, secret: bool = False) -> Reply:
        """Ask before going on."""
        self.question = Question(text, answer, secret)
        return Reply()

    def interrupt(self) -> Reply:
        """Ctrl-Z or Ctrl-C: out of configuration mode, or away from a question."""
        self.question = None
        self.editor = None
        self.tcl = None
        return Reply()

    def _in_tcl(self, raw: str, tcl: Tcl) -> Reply:
        command = tcl.take(raw)
        if command in {"tclquit", "exit"}:
            self.tcl = None
            return Reply(tcl.leave())
        return self._exec(command) if command else Reply()

    def _configure(self, raw: str, editor: Editor) -> Reply:
        text = raw.strip()
        first, _, rest = text.partition(" ")
        if not editor.gathering:
            if text in {"end", "\x1a"}:
                self.editor = None
                return Reply()
            if text in {"exit", "quit"}:
                if not editor.leave():
                    self.editor = None
                return Reply()
            if first == "do":
                return self._exec(rest)
            if first == "no" and rest.startswith("username ") and self.router.running.has(rest.rstrip()):
                return self.ask(
                    "This operation will remove all username related configurations with same name.\n"
                    "Do you want to continue? [confirm]",
                    lambda typed: Reply() if typed.strip().startswith("n") else Reply(editor.line(raw).text),
                )
            if (command := asked(self.router, text)) is not None:
                dialogue = Dialogue(self.router, command.text.split()[-1], Reply, self.ask)
                return dialogue.enroll() if " enroll " in command.text else dialogue.authenticate()
        return Reply(editor.line(raw, len(self.prompt)).text)

    def _exec(self, raw: str) -> Reply:
        text, pipe, expression = raw.strip().partition("|")
        if not text.strip() or text.startswith("!"):
            return Reply()
        grammar = exec_grammar(self.router.model.system)
        known = grammar.match("exec" if self.privilege > 1 else "user", text.strip())
        if isinstance(known, Unknown):
            return Reply(_refused(known, text.strip(), len(self.prompt)))
        reply = self._run(known)
        if pipe and self.question is None:
            return Reply(piped(reply.text, expression), reply.pause, reply.closed)
        return reply

    def _run(self, known: Known) -> Reply:
        word = known.text.split()[0]
        if word in {"exit", "logout", "quit"}:
            return Reply(closed=True)
        if word == "enable":
            return self._enable()
        if word == "disable":
            self.privilege = 1
            return Reply()
        if known.text.startswith("configure terminal"):
            return self._configure_terminal(known.text)
        if known.text.startswith("reload"):
            return self._reload(known.text)
        if word == "tclsh":
            self.tcl = Tcl(self.router)
            return Reply()
        outcome = commands.run(self.router, self.user, known.text)
        if outcome.question:
            return self.ask(outcome.question, lambda typed: self._confirmed(known.text, typed))
        return Reply(outcome.text, outcome.pause)

    def _confirmed(self, command: str, typed: str) -> Reply:
        if typed.strip().lower().startswith("n"):
            return Reply()
        outcome = commands.run(self.router, self.user, command, confirmed=typed)
        return Reply(outcome.text, outcome.pause)

    def _enable(self) -> Reply:
        if self.privilege > 1:
            return Reply()
        secret = self.router.running.value("enable secret")
        password = self.router.running.value("enable password")
        kept = secret or password
        if not kept:
            if self.user == "console":
                self.privilege = 15
                return Reply()
            return Reply(
                "% Error in authentication.\n\n" if self.router.running.has("aaa new-model") else "% No password set\n"
            )
        kind, _, coded = kept.rpartition(" ")
        self._enable_tries = 0
        return self.ask("Password: ", lambda typed: self._enabled(kind, coded, typed), secret=True)

    def _enabled(self, kind: str, coded: str, typed: str) -> Reply:
        if passwords.verify(kind, coded, typed):
            self.privilege = 15
            return Reply()
        self._enable_tries += 1
        if self._enable_tries >= 3:
            return Reply("% Bad secrets\n\n")
        return self.ask("Password: ", lambda again: self._enabled(kind, coded, again), secret=True)

    def _configure_terminal(self, command: str) -> Reply:
        words = command.split()
        text = ""
        if "timer" in words:
            outcome = rollback.arm(self.router, self.user, int(words[-1]), idle="idle" in words)
            if not outcome.ok:
                return Reply(outcome.text)
            text = outcome.text
        self.editor = Editor(self.router, reject=tuple(self.router.faults.reject))
        return Reply(text + "Enter configuration commands, one per line.  End with CNTL/Z.\n")

    def _reload(self, command: str) -> Reply:
        if command != "reload" and not command.startswith("reload reason"):
            return Reply()
        running = self.router.shown()
        if self.router.startup != running:
            return self.ask("\nSystem configuration has been modified. Save? [yes/no]: ", self._reload_save)
        return self.ask("Proceed with reload? [confirm]", self._reload_go)

    def _reload_save(self, typed: str) -> Reply:
        if typed.strip().lower().startswith("y"):
            self.router.save(self.user)
        elif not typed.strip().lower().startswith("n"):
            return self.ask(
                "% Please answer 'yes' or 'no'.\nSystem configuration has been modified. Save? [yes/no]: ",
                self._reload_save,
            )
        return self.ask("Proceed with reload? [confirm]", self._reload_go)

    def _reload_go(self, typed: str) -> Reply:
        if typed.strip().lower().startswith("n"):
            return Reply()
        self.router.reload()
        return Reply("\n", closed=True)


def _refused(found: Unknown, text: str, width: int) -> str:
    if found.reason == "incomplete":
        return "% Incomplete command.\n\n"
    if found.reason == "ambiguous":
        return f'% Ambiguous command:  "{text}"\n'
    return caret(found.at, width)
