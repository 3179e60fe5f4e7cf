"""Kamailio, a real SIP server, started with TLS on a port of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

_CONFIGURATION = """\
#!KAMAILIO
debug=0
log_stderror=yes
fork=yes
children=1
tcp_children=1
enable_tls=yes
listen=tcp:127.0.0.1:{plain}
listen=tls:127.0.0.1:{tls}
mpath="{modules}"
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "tls.so"
modparam("tls", "config", "{home}/tls.cfg")
request_route {{
  if (is_method("OPTIONS")) {{ sl_send_reply("{status}", "{words}"); exit; }}
  sl_send_reply("405", "Method Not Allowed");
}}
"""
_TLS = """\
[server:default]
method = {method}
verify_certificate = {mutual}
require_certificate = {mutual}
certificate = {certificate}
private_key = {key}
ca_list = {authority}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _program() -> tuple[str, Path]:
    """Kamailio and its modules; they are not everywhere."""
    path = shutil.which("kamailio", path=os.environ.get("PATH", "") + ":/usr/sbin")
    found = sorted(Path("/usr/lib").glob("*/kamailio/modules/tls.so"))
    if path is None or not found:
        pytest.fail("kamailio with TLS is missing; install it: apt-get install kamailio kamailio-tls-modules")
    return path, found[0].parent


class Kamailio:
    """A real SIP server, as a context manager; ``mutual``: it refuses who shows no certificate."""

    def __init__(
        self,
        home: Path,
        issued: tuple[Path, Path],
        authority: Path,
        *,
        mutual: bool = False,
        method: str = "TLSv1.2+",
        answer: tuple[int, str] = (200, "OK"),
    ) -> None:
        self.home, self.port = home, free_port()
        program, modules = _program()
        status, words = answer
        text = _CONFIGURATION.format(
            plain=free_port(), tls=self.port, modules=f"{modules}/", home=home, status=status, words=words
        )
        (home / "kamailio.cfg").write_text(text)
        tls = _TLS.format(
            method=method,
            mutual="yes" if mutual else "no",
            certificate=issued[0],
            key=issued[1],
            authority=authority,
        )
        (home / "tls.cfg").write_text(tls)
        self._command = [
            program, "-f", str(home / "kamailio.cfg"), "-P", str(home / "pid"), "-Y", str(home),
            "-m", "32", "-M", "4", "-DD", "-E",
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Kamailio:
        with (self.home / "kamailio.log").open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        self.__exit__()
        return pytest.fail("kamailio does not start: " + (self.home / "kamailio.log").read_text()[-2000:])

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
