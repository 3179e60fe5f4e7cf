"""``show crypto pki certificates`` and ``show crypto pki trustpoints``, with times on the router's clock."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agent.lab.pki.authority import place_of
from agent.lab.pki.certificate import Certificate
from agent.lab.pki.client import fingerprints, renewal, trustpoints
from agent.lab.running.crypto import Trustpoint

if TYPE_CHECKING:
    from agent.lab.router import VirtualRouter


def pki(router: VirtualRouter, words: list[str]) -> str | None:
    """The output of ``show crypto pki …``, None where the lab has no such command."""
    what, rest = (words[3] if len(words) > 3 else ""), [*words[4:]]
    verbose, status = _taken(rest, "verbose"), _taken(rest, "status")
    known = trustpoints(router)
    chosen = [one for name, one in known.items() if not rest or name == rest[0]]
    if what == "certificates":
        return "".join(_certificates(router, one, verbose=verbose) for one in chosen)
    if what == "trustpoints":
        return "".join(_status(router, one) if status else _trustpoint(one) for one in chosen)
    return None


def _taken(words: list[str], word: str) -> bool:
    found = word in words
    words[:] = [one for one in words if one != word]
    return found


def _certificates(router: VirtualRouter, trustpoint: Trustpoint, *, verbose: bool) -> str:
    shown = []
    if trustpoint.name in router.pki.requests:
        shown.append(_pending(router, trustpoint))
    if trustpoint.own is not None:
        shown.append(_certificate(trustpoint, trustpoint.own, verbose=verbose))
    if trustpoint.authority is not None:
        shown.append("CA " + _certificate(trustpoint, trustpoint.authority, verbose=verbose))
    return "".join(f"{one}\n" for one in shown)


def _pending(router: VirtualRouter, trustpoint: Trustpoint) -> str:
    return (
        f"Certificate\n  Subject:\n    Name: {router.hostname}\n   Status: Pending\n   Key Usage: General Purpose\n"
        f"   Certificate Request Fingerprint MD5: {_md5(trustpoint.name + router.name)}\n"
        f"   Associated Trustpoint: {trustpoint.name} \n"
    )


def _certificate(trustpoint: Trustpoint, one: Certificate, *, verbose: bool) -> str:
    own = one is trustpoint.own
    renews = own and trustpoint.renews is not None
    return (
        "Certificate\n  Status: Available\n"
        + ("  Version: 3\n" if verbose else "")
        + f"  Certificate Serial Number (hex): {one.serial}\n"
        f"  Certificate Usage: {'General Purpose' if own else 'Signature'}\n"
        f"  Issuer: \n{_name(one.issuer)}  Subject:\n"
        + (f"    Name: {one.common_name}\n" if own else "")
        + f"{_name(one.subject)}  Validity Date: \n"
        f"    start date: {_moment(one.begins)}\n    end   date: {_moment(one.ends)}\n"
        + (f"    renew date: {_moment(min(one.ends, renewal(trustpoint, one)))}\n" if renews else "")
        + (_details(one, own=own) if verbose else "")
        + f"  Associated Trustpoints: {trustpoint.name} \n"
        + f"  Storage: nvram:{_file(one, own=own)}\n"
        + (f"  Key Label: {trustpoint.key}\n  Key storage device: private config\n" if verbose and own else "")
    )


def _details(one: Certificate, *, own: bool) -> str:
    usage = (
        "A0000000\n      Digital Signature\n      Key Encipherment\n" if own else "86000000\n      Digital Signature\n"
    )
    usage += (
        "" if own else "      Key Cert Sign\n      CRL Signature\n    X509v3 Basic Constraints:\n        CA: TRUE\n"
    )
    return (
        "  Subject Key Info:\n    Public Key Algorithm: rsaEncryption\n    RSA Public Key: (3072 bit)\n"
        "  Signature Algorithm: SHA512 with RSA Encryption\n"
        f"{fingerprints(one.authority if not own else _sha1(one), '  ').replace('   Finger', '  Finger')}"
        f"  X509v3 extensions:\n    X509v3 Key Usage: {usage}"
    )


def _trustpoint(one: Trustpoint) -> str:
    authority, place = one.authority, place_of(one.url)
    shown = f"Trustpoint {one.name}:\n"
    if authority is not None:
        shown += f"    Subject Name: \n{_name(authority.subject)}          Serial Number (hex): {authority.serial}\n"
        shown += "    Certificate configured.\n"
    if place is not None:
        shown += f"    SCEP URL: {one.url}/cgi-bin\n"
    return shown + "\n\n"


def _status(router: VirtualRouter, one: Trustpoint) -> str:
    authority, own = one.authority, one.own
    asks = one.name in router.pki.requests
    shown = f"Trustpoint {one.name}:\n"
    if authority is not None:
        shown += f"  Issuing CA certificate configured:\n    Subject Name:\n     {authority.subject}\n"
        shown += fingerprints(authority.authority, "    ").replace("     Finger", "    Finger")
    if own is not None:
        shown += f"  Router General Purpose certificate configured:\n    Subject Name:\n     {own.subject}\n"
        shown += fingerprints(_sha1(own), "    ").replace("     Finger", "    Finger")
        shown += "  Last enrollment status: Granted\n"
        if one.renews is not None:
            shown += f"  Next enrollment attempt:\n    {_moment(renewal(one, own))}\n"
    elif asks:
        shown += "  Last enrollment status: Pending\n"
    keys = "Yes (General Purpose, non-exportable)" if one.key in router.pki.keys else "No"
    return shown + (
        f"  State:\n    Keys generated ............. {keys}\n"
        f"    Issuing CA authenticated ....... {'Yes' if authority else 'No'}\n"
        f"    Certificate request(s) ..... {'Pending' if asks else 'Yes' if own else 'None'}\n\n"
    )


def _name(name: str) -> str:
    return "".join(f"    {part}\n" for part in name.split(","))


def _file(one: Certificate, *, own: bool) -> str:
    issuer = one.issuer.partition("=")[2].replace("-", "")[:12]
    return f"{issuer}#{one.serial[-4:].lstrip('0')}{'' if own else 'CA'}.cer"


def _sha1(one: Certificate) -> str:
    return hashlib.sha512(f"{one.serial}/{one.key}".encode()).hexdigest()[:40].upper()


def _md5(seed: str) -> str:
    digits = hashlib.sha256(seed.encode()).hexdigest()[:32].upper()
    return " ".join(digits[at : at + 8] for at in range(0, 32, 8))


def _moment(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%H:%M:%S} UTC {moment:%b} {moment.day} {moment.year}"
