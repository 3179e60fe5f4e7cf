"""A server that does with a connection whatever a test says: for receivers that are slow, broken or lying."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: Answers one connection; ``stop`` is set when the test ends.
Conduct = Callable[[socket.socket, Event], None]
NETWORK = "127.105.0.1"
OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def liar(conduct: Conduct, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Listens while the block lasts; gives the port."""
    stop = Event()
    with socket.create_server((NETWORK, 0)) as server:
        server.settimeout(0.1)
        thread = Thread(target=_accept, args=(server, conduct, tls, stop))
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def _accept(server: socket.socket, conduct: Conduct, tls: ssl.SSLContext | None, stop: Event) -> None:
    while not stop.is_set():
        with suppress(OSError):
            connection, _peer = server.accept()
            connection.settimeout(5)
            with connection:
                if tls is None:
                    conduct(connection, stop)
                else:
                    with tls.wrap_socket(connection, server_side=True) as wrapped:
                        conduct(wrapped, stop)


def read_request(connection: socket.socket) -> bytes:
    """The request, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    (length,) = (
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def says(answer: bytes, *, drip_s: float = 0, endless: bytes = b"") -> Conduct:
    """Answers ``answer``; a byte at a time with ``drip_s``, and ``endless`` again and again after it."""

    def conduct(connection: socket.socket, stop: Event) -> None:
        read_request(connection)
        if not drip_s:
            connection.sendall(answer)
        else:
            for byte in answer:
                if stop.wait(drip_s):
                    return
                connection.sendall(bytes([byte]))
        while endless and not stop.is_set():
            connection.sendall(endless)

    return conduct


def hangs(connection: socket.socket, stop: Event) -> None:
    """Takes the connection and says nothing."""
    stop.wait()


def resets(connection: socket.socket, _stop: Event) -> None:
    """Breaks off in the middle of the answer, hard."""
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-le")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


@contextmanager
def tls_receiver(folder: Path, name: str, ends: timedelta) -> Iterator[tuple[int, str]]:
    """Listens with a certificate of its own for ``name``; gives the port and the file of the authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    authority, private = folder / "ca.pem", folder / "key.pem"
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, private)
    with liar(says(OK + b"content-length: 0\r\n\r\n"), context) as port:
        yield port, str(authority)
