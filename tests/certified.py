"""Configurations of routers that have enrolled with the lab's authorities."""

from __future__ import annotations

from agent.lab.config import ConfigTree, Line
from agent.lab.lines.grammar import iosxe
from agent.lab.pki.authority import issue, own_certificate, place_of
from agent.lab.pki.certificate import Certificate, body_of
from agent.lab.running.crypto import read_trustpoints
from agent.lab.spec import Authority


def enrolled(text: str, authorities: tuple[Authority, ...], now: float = 1000.0) -> str:
    """``text`` with a certificate, issued ``now``, under each trustpoint whose URL is that of an authority."""
    tree = ConfigTree.parse(text)
    for name, trustpoint in read_trustpoints(tree).items():
        for authority in authorities:
            if trustpoint.url and place_of(trustpoint.url) == place_of(authority.url):
                tree = _with(tree, name, "certificate", issue(authority, trustpoint.subject or "cn=r", name, now))
                tree = _with(tree, name, "certificate ca", own_certificate(authority))
    return tree.render()


def _with(tree: ConfigTree, name: str, head: str, certificate: Certificate) -> ConfigTree:
    chain = f"crypto pki certificate chain {name}"
    if tree.section(chain) is None:
        tree = tree.put((), Line(chain), iosxe())
    for line in (tree.section(chain) or Line(chain)).lines:
        if line.text.rpartition(" ")[0] == head:
            tree = tree.drop((chain,), line.text, iosxe())
    return tree.put((chain,), Line(f"{head} {certificate.serial}", (), body_of(certificate)), iosxe())
