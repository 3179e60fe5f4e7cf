"""SSH host keys of virtual routers."""

from __future__ import annotations

import asyncssh


def new_host_key() -> bytes:
    """A fresh ECDSA P-256 private key in OpenSSH form: quick to make, as a lab starts many routers."""
    return asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_private_key()
