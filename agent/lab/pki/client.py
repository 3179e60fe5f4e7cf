"""A router's side of the public key infrastructure: key pairs, requests under way, and when it asks by itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.lab.config import Line
from agent.lab.pki.authority import issue, own_certificate
from agent.lab.pki.certificate import Certificate, body_of
from agent.lab.running.crypto import Trustpoint, read_trustpoints
from agent.lab.spec import Authority

if TYPE_CHECKING:
    from agent.lab.router import VirtualRouter

#: Lab seconds from a request to its answer, and until a request that got none is sent again.
ANSWER_S, AGAIN_S = 4.0, 60.0


@dataclass(slots=True)
class PkiState:
    """What no configuration shows: ``keys`` maps the labels of key pairs to their names.

    ``requests`` maps trustpoints to the lab second in which the answer is there; ``ended`` certificates, by serial
    number, to the one in which they ended before their time.
    """

    keys: dict[str, str] = field(default_factory=dict)
    saved_keys: dict[str, str] = field(default_factory=dict)
    requests: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)


def trustpoints(router: VirtualRouter) -> dict[str, Trustpoint]:
    """The router's trustpoints; certificates end when they really do."""
    return {name: _really(router, one) for name, one in _read(router).items()}


def _read(router: VirtualRouter) -> dict[str, Trustpoint]:
    """Read anew only after the configuration has changed: this is asked many times a second."""
    tree, known = router.trustpoints
    if tree is not router.running:
        known = read_trustpoints(router.running)
        router.trustpoints = (router.running, known)
    return known


def _really(router: VirtualRouter, trustpoint: Trustpoint) -> Trustpoint:
    own = trustpoint.own
    ended = router.pki.ended.get(own.serial) if own else None
    return replace(trustpoint, own=replace(own, ends=ended)) if own and ended is not None else trustpoint


def authenticate(router: VirtualRouter, name: str, accepted: bool | None = None) -> str:
    """``crypto pki authenticate``: what the router says; it ends with a question where a person has to accept."""
    trustpoint = trustpoints(router).get(name)
    if trustpoint is None:
        return f"% CA trustpoint {name} is not configured.\n"
    if trustpoint.authority is not None:
        return (
            "% Please delete your existing CA certificate first.\n"
            "% You must use 'no crypto pki trustpoint <trustpoint-name>' to delete the CA certificate.\n"
        )
    authority = router.world.authority(router, trustpoint)
    if authority is None:
        return "% Error in receiving Certificate Authority certificate: status = FAIL, cert length = 0\n"
    said = "Certificate has the following attributes:\n" + fingerprints(authority.fingerprint, " " * 6)
    if trustpoint.fingerprint:
        said += f"Trustpoint Fingerprint: {spaced(trustpoint.fingerprint)}\n"
        if trustpoint.fingerprint != authority.fingerprint:
            return said + "Certificate validation failed - fingerprints do not match.\n% Certificate not accepted.\n"
        said += "Certificate validated - fingerprints matched.\n"
    elif accepted is None:
        return said + "\n% Do you accept this certificate? [yes/no]: "
    elif not accepted:
        return "% Certificate not accepted.\n"
    _put(router, name, own_certificate(authority), "certificate ca")
    if trustpoint.renews is not None:
        ask(router, name)
    return said + "Trustpoint CA certificate accepted.\n"


def ask(router: VirtualRouter, name: str) -> None:
    """Send a request for a certificate; its answer comes a little later."""
    router.pki.requests[name] = router.clock.now() + ANSWER_S


def tick(router: VirtualRouter) -> None:
    """Ask for what is missing or about to end, and take the answers that are due."""
    if not router.up or not (router.pki.requests or any(one.authority for one in _read(router).values())):
        return
    for trustpoint in trustpoints(router).values():
        if _wants(router, trustpoint):
            ask(router, trustpoint.name)
        due = router.pki.requests.get(trustpoint.name)
        if due is not None and router.clock.now() >= due:
            _answered(router, trustpoint)
    known = _read(router)
    router.pki.requests = {name: due for name, due in router.pki.requests.items() if name in known}


def _wants(router: VirtualRouter, trustpoint: Trustpoint) -> bool:
    if trustpoint.renews is None or trustpoint.authority is None or trustpoint.name in router.pki.requests:
        return False
    if trustpoint.own is None:
        return True
    return trustpoint.own.serial not in router.pki.ended and router.clock.now() >= renewal(trustpoint, trustpoint.own)


def renewal(trustpoint: Trustpoint, own: Certificate) -> float:
    """When the router asks for the next certificate by itself, in lab seconds."""
    return own.begins + (own.ends - own.begins) * (trustpoint.renews or 100) / 100


def _answered(router: VirtualRouter, trustpoint: Trustpoint) -> None:
    authority = router.world.authority(router, trustpoint)
    if trustpoint.authority is None:
        router.pki.requests.pop(trustpoint.name, None)
    elif authority is None or authority.fingerprint != trustpoint.authority.authority:
        router.pki.requests[trustpoint.name] = router.clock.now() + AGAIN_S
    else:
        router.pki.requests.pop(trustpoint.name, None)
        _install(router, trustpoint, authority)


def _install(router: VirtualRouter, trustpoint: Trustpoint, authority: Authority) -> None:
    now, saved = router.clock.now(), router.startup == router.shown()
    if trustpoint.new_key or trustpoint.key not in router.pki.keys:
        seed = f"{router.chassis.serial}/{trustpoint.key}/{now}"
        router.pki.keys[trustpoint.key] = hashlib.sha256(seed.encode()).hexdigest()[:16]
    subject = trustpoint.subject or f"cn={router.hostname}"
    certificate = issue(authority, subject, router.pki.keys[trustpoint.key], now)
    _put(router, trustpoint.name, certificate, "certificate")
    ends = datetime.fromtimestamp(certificate.ends, UTC)
    router.log.add(
        now,
        "%PKI-6-CERT_INSTALL: An ID certificate has been installed under\n"
        f"  Trustpoint   : {trustpoint.name}\n  Issuer-name  : {certificate.issuer}\n"
        f"  Subject-name : {certificate.subject}\n  Serial-number: {certificate.serial}\n"
        f"  End-date     : {ends:%Y-%m-%dT%H:%M:%SZ}",
    )
    if saved:
        router.save("pki")
        router.log.add(now, "%PKI-6-AUTOSAVE: Running configuration saved to NVRAM")


def _put(router: VirtualRouter, name: str, certificate: Certificate, head: str) -> None:
    """Write a certificate into its chain, in the place of the former one of its kind."""
    chain = f"crypto pki certificate chain {name}"
    tree, grammar = router.running, router.grammar
    if tree.section(chain) is None:
        tree = tree.put((), Line(chain), grammar)
    section = tree.section(chain)
    for line in section.lines if section else ():
        if line.text.rpartition(" ")[0] == head:
            tree = tree.drop((chain,), grammar.slot((chain,), line.text), grammar)
    router.running = tree.put((chain,), Line(f"{head} {certificate.serial}", (), body_of(certificate)), grammar)
    router.settle("pki")


def spaced(fingerprint: str) -> str:
    """A fingerprint in words of eight digits."""
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))


def fingerprints(sha: str, lead: str) -> str:
    """The fingerprints of a certificate as IOS shows them; ``sha`` is of SHA-1 or SHA-256, the others are made up."""
    digest = hashlib.sha512(sha.encode()).hexdigest().upper()
    shown = f"{lead} Fingerprint MD5: {spaced(digest[:32])} \n"
    first = sha if len(sha) == 40 else digest[32:72]
    shown += f"{lead}Fingerprint SHA1: {spaced(first)} \n"
    return shown + (f"{lead}Fingerprint SHA256: {spaced(sha)} \n" if len(sha) == 64 else "")
