"""How the API may listen: with TLS, or in clear text only where nobody else reads it."""

from __future__ import annotations

import ssl
import stat
from ipaddress import ip_address
from pathlib import Path

from agent.errors import ConfigurationProblem
from inventory.settings import Api

PLACE = "spokesman.toml: api"


def refuse_clear_text(settings: Api, *, encrypted: bool) -> None:
    """A token that travels in clear is anybody's: only within this machine, or where the operator says so."""
    if encrypted or settings.plain_http or ip_address(settings.listen).is_loopback:
        return
    raise ConfigurationProblem(
        f"it would listen on {settings.listen} without TLS, and tokens would travel in clear",
        where=PLACE,
        remedy="set certificate and key; behind a proxy that adds TLS, set plain_http = true",
    )


def tls(settings: Api, root: Path) -> ssl.SSLContext | None:
    """The TLS that clients get, 1.2 at least; None: no certificate is set."""
    if settings.certificate is None and settings.key is None:
        return None
    if settings.certificate is None or settings.key is None:
        raise ConfigurationProblem("certificate and key go together", where=PLACE, remedy="set both, or none")
    certificate, key = root / settings.certificate, root / settings.key
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        if key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationProblem("others may read the key", where=str(key), remedy=f"chmod 600 {key}")
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "not usable"
        raise ConfigurationProblem(
            f"the certificate and its key cannot be used: {reason}",
            where=f"{certificate}, {key}",
            remedy="two PEM files that belong together, the key without a passphrase",
        ) from None
    return context


def _no_passphrase() -> str:
    """Nobody is there to type one."""
    return ""
