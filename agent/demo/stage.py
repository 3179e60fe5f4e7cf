"""The stage of the demonstration: runs real commands, narrates them, and holds what is claimed to be true."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.text import Text

from agent.config import WORKSPACE_VARIABLE
from agent.errors import AgentError

Found = TypeVar("Found")

#: No command takes longer with virtual routers, in seconds; one that does has hung.
LONGEST_COMMAND_S = 120


class StoryBroken(AgentError):
    """A step of the demonstration does not hold."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed and how it ended."""

    out: str
    err: str
    code: int


@dataclass(frozen=True, slots=True)
class Running:
    """A command that has not ended yet."""

    process: subprocess.Popen[str]
    arguments: tuple[str, ...]


class Stage:
    """Runs ``spokesman`` as a person at a shell in the workspace would, one process a command.

    A command that takes longer than ``longest_s`` seconds has hung.
    """

    def __init__(self, workspace: Path, console: Console, longest_s: float = LONGEST_COMMAND_S) -> None:
        self.workspace = workspace
        self._longest_s = longest_s
        self._console = console
        self._began = time.monotonic()
        self._chapter = 0
        self._background: list[tuple[subprocess.Popen[str], Path]] = []
        self._commands: list[subprocess.Popen[str]] = []

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        self._chapter += 1
        elapsed = time.monotonic() - self._began
        self._print(f"\n{self._chapter}. {title}  ({elapsed:.0f} s)", "bold cyan")

    def tell(self, text: str) -> None:
        """Narrate."""
        self._print(text, "")

    def claim(self, holds: bool, text: str) -> None:
        """State what must be true now; the demonstration ends where it is not."""
        if not holds:
            raise StoryBroken(f"this does not hold: {text}", where=f"demo, part {self._chapter}")
        self._print(f"  ✔ {text}", "green")

    def run(self, *arguments: str, expect: int = 0, lines: int = 0) -> Outcome:
        """Run ``spokesman ARGUMENTS``; show up to ``lines`` of what it says; any other exit code breaks the story."""
        self._print(f"  $ spokesman {shlex.join(arguments)}", "bold")
        return self._ended(self._begin(arguments), expect, lines)

    def attempt(self, *arguments: str) -> Outcome:
        """Run ``spokesman ARGUMENTS`` without a word; it may end as it likes."""
        return self._waited(self._begin(arguments))

    def begin(self, *arguments: str) -> Running:
        """Start a command that takes a while, as in another window; ``end`` waits for it."""
        self._print(f"  $ spokesman {shlex.join(arguments)} &", "bold")
        return self._begin(arguments)

    def end(self, running: Running, expect: int = 0, lines: int = 0) -> Outcome:
        """Wait for a command that was begun, and show what it said."""
        self._print(f"  (the end of: spokesman {shlex.join(running.arguments)})", "dim")
        return self._ended(running, expect, lines)

    def _begin(self, arguments: tuple[str, ...]) -> Running:
        process = subprocess.Popen(
            self._argv(arguments), cwd=self.workspace, env=self._environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._commands.append(process)
        return Running(process, arguments)

    def _ended(self, running: Running, expect: int, lines: int) -> Outcome:
        outcome = self._waited(running)
        self._show(outcome.err + outcome.out, lines)
        if outcome.code != expect:
            said = (outcome.err or outcome.out).strip()
            text = f"`spokesman {shlex.join(running.arguments)}` ended with {outcome.code} instead of {expect}: {said}"
            raise StoryBroken(text, where=f"demo, part {self._chapter}")
        return outcome

    def _waited(self, running: Running) -> Outcome:
        out, err = running.process.communicate(timeout=self._longest_s)
        self._commands.remove(running.process)
        return Outcome(out, err, running.process.returncode)

    def ask(self, *arguments: str) -> Any:
        """The JSON document of a command that must succeed; nothing is shown."""
        done = subprocess.run(
            self._argv((*arguments, "--json")), cwd=self.workspace, env=self._environment(), capture_output=True,
            text=True, timeout=self._longest_s, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            raise StoryBroken(f"`spokesman {shlex.join(arguments)}` failed: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def wait_for(self, what: str, probe: Callable[[], Found | None], within_s: float) -> Found:
        """Ask until ``probe`` finds something; the story breaks when that takes longer than ``within_s`` seconds."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = probe()
            if found is not None:
                return found
            self._none_has_died()
            time.sleep(1)  # to ask is to start a process, and those that are waited for need the processors
        raise StoryBroken(f"within {within_s:.0f} s this did not happen: {what}", where=f"demo, part {self._chapter}")

    def _none_has_died(self) -> None:
        for process, log in self._background:
            if process.poll():
                said = log.read_text(encoding="utf-8").strip().splitlines()[-5:]
                raise StoryBroken(f"{log.stem} ended with {process.returncode}: {' '.join(said)}")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that stays, such as the daemon; its words go to a log under var/."""
        self._print(f"  $ spokesman {shlex.join(arguments)} &", "bold")
        log = self.workspace / "var" / f"{arguments[0]}.log"
        with log.open("a", encoding="utf-8") as stream:
            process = subprocess.Popen(
                self._argv(arguments), cwd=self.workspace, env=self._environment(), stdin=subprocess.DEVNULL,
                stdout=stream, stderr=stream, text=True,
            )  # fmt: skip
        self._background.append((process, log))
        return process

    def stop(self, process: subprocess.Popen[str]) -> int:
        """End a started command by SIGTERM and return its exit code."""
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=30)

    def clear(self) -> None:
        """Leave nothing running, however the story ended."""
        for command in self._commands:
            command.kill()
            command.communicate()
        for process, _ in self._background:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    process.kill()

    def quietly(self, *arguments: str) -> None:
        """Run ``spokesman ARGUMENTS`` without a word, however it ends."""
        subprocess.run(
            self._argv(arguments), cwd=self.workspace, env=self._environment(), capture_output=True,
            timeout=self._longest_s, check=False,
        )  # fmt: skip

    def edit(self, name: str, old: str, new: str, what: str = "") -> None:
        """Change a file of the workspace as a person in an editor would; ``what`` says it shorter than the texts do."""
        path = self.workspace / name
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise StoryBroken(f"{name} does not hold {old!r} exactly once")
        path.write_text(text.replace(old, new), encoding="utf-8")
        self._print(f"  (edit {name}: {what or f'{old} → {new}'})", "dim")

    def _argv(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "agent.cli", *arguments]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, WORKSPACE_VARIABLE: str(self.workspace), "PYTHONUNBUFFERED": "1"}

    def _show(self, text: str, lines: int) -> None:
        said = text.rstrip().splitlines()
        for line in said[:lines]:
            self._print(f"    {line.rstrip()}", "dim")  # tables fill their last column
        if lines and len(said) > lines:
            self._print(f"    … {len(said) - lines} more lines", "dim")

    def _print(self, text: str, style: str) -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)
