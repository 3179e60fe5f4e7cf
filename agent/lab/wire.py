"""How a lab's process is spoken to: one JSON request and one JSON answer a line, over a socket in its directory."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

from agent.lab.errors import LabError

CONTROL = "control.sock"
MAX_LINE = 16_000_000


def socket_path(directory: int) -> str:
    """The control socket as a path of fixed length: socket paths end at 107 octets, directories may be longer.

    ``directory`` is an open file descriptor of the lab's directory.
    """
    return f"/proc/self/fd/{directory}/{CONTROL}"


def ask(directory: Path, request: dict[str, Any], timeout_s: float = 10.0) -> Any:
    """Send a request to the lab of ``directory`` and give its result; LabError when it is not there or refuses."""
    try:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise LabError(f"{directory}: there is no lab here") from None
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(timeout_s)
            link.connect(socket_path(handle))
            link.sendall(json.dumps(request).encode() + b"\n")
            answer = _line(link)
    except (FileNotFoundError, ConnectionRefusedError):
        raise LabError(f"{directory}: the lab is not running; start it with lab up") from None
    except TimeoutError:
        raise LabError(f"{directory}: the lab does not answer within {timeout_s:g} s") from None
    except OSError as problem:
        raise LabError(f"{directory}: the lab cannot be asked ({problem.strerror or problem})") from problem
    finally:
        os.close(handle)
    if not isinstance(answer, dict):
        raise LabError(f"{directory}: the lab's process ended before it answered")
    if not answer.get("ok"):
        raise LabError(str(answer.get("error", "the lab refuses")))
    return answer.get("result")


def _line(link: socket.socket) -> Any:
    data = bytearray()
    while not data.endswith(b"\n"):
        part = link.recv(65536)
        if not part or len(data) > MAX_LINE:
            return None
        data += part
    try:
        return json.loads(data)
    except ValueError:
        return None
