"""The Tcl shell writes files at tclquit, takes statements over several lines, and lets exec commands through."""

from __future__ import annotations

import hashlib

from agent.lab.ios.shell import Shell
from agent.lab.router import VirtualRouter


def type_in(shell: Shell, *lines: str) -> str:
    return "".join(shell.feed(line).text for line in lines)


def test_a_file_of_several_lines_is_there_after_tclquit_and_not_before(shell: Shell, router: VirtualRouter) -> None:
    type_in(shell, "tclsh", 'puts [open "flash:new.cfg" w+] {ntp authenticate', "end")
    assert shell.prompt == "+>"
    type_in(shell, "}")
    assert shell.prompt == "lab-r1(tcl)#"
    assert "new.cfg" not in router.flash.files
    type_in(shell, "tclquit")
    assert shell.prompt == "lab-r1#"
    assert router.flash.files["new.cfg"] == b"ntp authenticate\nend\n\n"
    digest = hashlib.md5(b"ntp authenticate\nend\n\n", usedforsecurity=False).hexdigest()
    assert digest in type_in(shell, "verify /md5 flash:new.cfg")


def test_exec_commands_work_inside_and_unknown_ones_are_refused(shell: Shell) -> None:
    type_in(shell, "tclsh")
    assert "Directory of" in type_in(shell, "dir")
    assert "Invalid input" in type_in(shell, "frobnicate all")
    assert shell.prompt == "lab-r1(tcl)#"


def test_a_full_flash_takes_no_file(shell: Shell, router: VirtualRouter) -> None:
    router.flash.base = router.flash.size
    said = type_in(shell, "tclsh", 'puts [open "flash:new.cfg" w+] {x}', "tclquit")
    assert "No space left" in said
    assert "new.cfg" not in router.flash.files


def test_no_file_is_written_elsewhere(shell: Shell, router: VirtualRouter) -> None:
    before = dict(router.flash.files)
    assert "no such file" in type_in(shell, "tclsh", 'puts [open "http://192.0.2.1/x" w+] {x}', "tclquit")
    assert router.flash.files == before


def test_an_interrupt_leaves_and_forgets(shell: Shell, router: VirtualRouter) -> None:
    type_in(shell, "tclsh", 'puts [open "flash:new.cfg" w+] {never ended')
    shell.interrupt()
    assert shell.prompt == "lab-r1#"
    assert "new.cfg" not in router.flash.files
