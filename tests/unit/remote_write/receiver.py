"""A receiver of remote write, written apart from the sender: strict about the protocol, and told what to answer."""

from __future__ import annotations

import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Sample(NamedTuple):
    """One sample of a series."""

    labels: tuple[tuple[str, str], ...]
    value: float
    at_ms: int

    @property
    def name(self) -> str:
        return dict(self.labels)["__name__"]


def unsnapped(data: bytes) -> bytes:
    """A block in Snappy's raw format: its length, then literals and copies."""
    size, at = number(data, 0)
    out = bytearray()
    while at < len(data):
        kind, length = data[at] & 3, data[at] >> 2
        at += 1
        if kind == 0:
            if length >= 60:
                octets = length - 59
                length = int.from_bytes(data[at : at + octets], "little")
                at += octets
            out += data[at : at + length + 1]
            at += length + 1
            continue
        if kind == 1:
            offset = (data[at - 1] >> 5) << 8 | data[at]
            length, at = (data[at - 1] >> 2 & 7) + 4, at + 1
        else:
            octets = 2 if kind == 2 else 4
            offset, length, at = int.from_bytes(data[at : at + octets], "little"), length + 1, at + octets
        assert 0 < offset <= len(out)
        for _ in range(length):
            out.append(out[-offset])
    assert len(out) == size
    return bytes(out)


def number(data: bytes, at: int) -> tuple[int, int]:
    """A varint, and where it ends."""
    found = shift = 0
    while True:
        octet = data[at]
        found, shift, at = found | (octet & 0x7F) << shift, shift + 7, at + 1
        if octet < 0x80:
            return found, at


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message, as the protocol has them: varints, eight octets, and what has a length."""
    at = 0
    while at < len(data):
        key, at = number(data, at)
        kind = key & 7
        if kind == 0:
            value, at = number(data, at)
            yield key >> 3, value
            continue
        length = 8
        if kind == 2:
            length, at = number(data, at)
        else:
            assert kind == 1
        assert at + length <= len(data)
        yield key >> 3, data[at : at + length]
        at += length


def read(message: bytes) -> list[Sample]:
    """The samples of a WriteRequest; asserts what the protocol asks of labels."""
    found = []
    for field, series in fields(message):
        assert field == 1
        assert isinstance(series, bytes)
        labels, samples = [], []
        for kind, part in fields(series):
            assert isinstance(part, bytes)
            if kind == 1:
                name, value = (text.decode() for _, text in fields(part) if isinstance(text, bytes))
                assert name
                assert value
                labels.append((name, value))
            else:
                assert kind == 2
                value_, at = dict(fields(part)).values()
                assert isinstance(value_, bytes)
                assert isinstance(at, int)
                samples.append((struct.unpack("<d", value_)[0], at))
        assert [name for name, _ in labels] == sorted({name for name, _ in labels})
        found += [Sample(tuple(labels), value, at) for value, at in samples]
    return found


class Receiver:
    """Serves on a free port; ``answer`` gives status, headers and text of each request that comes."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.samples: list[Sample] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Callable[[], tuple[int, dict[str, str], bytes]] = lambda: (204, {}, b"")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://localhost:{self._server.server_address[1]}/api/v1/write"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.headers.append({key.lower(): value for key, value in self.headers.items()})
                status, headers, text = receiver.answer()
                if status < 300:
                    receiver.samples += read(unsnapped(body))
                self.send_response(status)
                for key, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        return Handler
