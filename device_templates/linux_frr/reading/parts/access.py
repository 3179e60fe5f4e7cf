"""Who may read by SNMP, and who may log in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from device_templates.linux_frr.reading.parts.files import FRONT_DOOR, Files
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import AccessList, At, Match, Rule, SnmpGroup, SnmpUser, User

_USER = re.compile(
    r"(ro|rw)user (?:-s \S+ )?(\S+)(?: (noauth|auth|priv|noAuthNoPriv|authNoPriv|authPriv))?(?: (?:-V )?(\S+))?"
)
_COMMUNITY = re.compile(r"(?P<way>ro|rw)community6? .*")
#: A user with its hash and cipher, beside passphrases in quotes or without.
_CREATED = re.compile(
    r"createUser (?:-e \S+ )?(\"[^\"]*\"|\S+)"
    r"(?: (MD5|SHA\S*) (?:-[ml] )?(?:\"[^\"]*\"|\S+)(?: (DES|AES\S*)(?: .*)?)?)?"
)
_LEVELS = {"authPriv": "priv", "authNoPriv": "auth", "noAuthNoPriv": "noauth"}
_AGENT = re.compile(r"agentAddress .*?\b(?:udp6?:)?(?:[\d.]+:)?(\d+)\b.*")
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
#: The list of who may log in.
SSH = "SSH of front-door"


def agents(files: Files) -> Iterator[tuple[str, str, Node]]:
    """Each agent: its access list, the filter that the list is made of, and its configuration."""
    yield "SNMP of front-door", FRONT_DOOR, files.at("etc/snmp/snmpd.conf")
    for vpn in files.network.vpns:
        yield f"SNMP of {vpn.name}", f"etc/nftables/{vpn.name}.nft", files.at(f"etc/snmp/{vpn.name}/snmpd.conf")


def snmp_groups(files: Files) -> tuple[SnmpGroup, ...]:
    """Each user of each agent as a group; ``access`` is what the packet filter lets in to its port.

    The user that an agent asks itself by is none, if it sees but a view: its key leaves the router nowhere.
    """
    found = []
    for access, _, agent in agents(files):
        internal = agent.rest("iquerySecName")
        for line in agent.children:
            user, community = _USER.fullmatch(line.text), _COMMUNITY.fullmatch(line.text)
            if user is not None and not (user[2] == internal and user[4]):
                level = user[3] or "auth"
                view = user[4] or ".1"
                found.append(
                    SnmpGroup(user[2], f"v3 {_LEVELS.get(level, level)}", view, view if user[1] == "rw" else "", access)
                )
            elif community is not None:
                found.append(SnmpGroup("community", "v2c", ".1", ".1" if community["way"] == "rw" else "", access))
    return tuple(found)


def snmp_users(files: Files) -> tuple[SnmpUser, ...]:
    """Each user of each agent with its hash and cipher, but the one that an agent asks itself by."""
    return tuple(
        SnmpUser(name, _hash(found[2] or ""), _cipher(found[3] or ""), At(line.line))
        for _, _, agent in agents(files)
        for line in agent.children
        if (found := _CREATED.fullmatch(line.text)) and (name := found[1].strip('"')) != agent.rest("iquerySecName")
    )


def _hash(word: str) -> str:
    """SHA-256 is sha256; SHA and SHA-1 are sha."""
    return word.lower().replace("-", "").replace("sha1", "sha")


def _cipher(word: str) -> str:
    """AES, AES-128 and AES128 are aes128; beyond, a key that is made longer as routers do has a C at its end."""
    if not word.startswith("AES"):
        return word.lower()
    size = re.sub(r"\D", "", word) or "128"
    return f"aes{size}" if size == "128" or word.endswith("C") else f"aes{size}-blumenthal"


def access_lists(files: Files) -> tuple[AccessList, ...]:
    """For each agent, and for logins, the hosts that the filter lets in to the port."""
    lists = [
        _list(files, name, path, 17, _port(agent)) if _is_heard(files, path, agent) else AccessList(name, ())
        for name, path, agent in agents(files)
        if agent.children
    ]
    sshd = files.at("etc/ssh/sshd_config")
    if sshd.children:
        lists.append(_list(files, SSH, FRONT_DOOR, 6, listens(sshd.rest("Port"))))
    return tuple(lists)


def _is_heard(files: Files, path: str, agent: Node) -> bool:
    """Whether an agent listens at an address that the router has where it is asked: nobody reaches it elsewhere."""
    said = {ip for line in agent.rests("agentAddress") for ip in _ADDRESS.findall(line)}
    known = files.network.management_address
    lines = files.frr(path.split("/")[-1].removesuffix(".nft")).walk()
    own = [str(known.ip)] if known else []
    if path != FRONT_DOOR:
        own = [ip for _, one in lines if one.text.startswith("ip address ") for ip in _ADDRESS.findall(one.text)]
    return not said or bool(said & {*own, "0.0.0.0"})  # noqa: S104 - what the agent is told


def listens(text: str) -> int:
    """The port of logins; that of a file that says none, or nonsense, is the usual one."""
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 22


def _port(agent: Node) -> int:
    return int(next((found[1] for one in agent.children if (found := _AGENT.fullmatch(one.text))), "161")[:5])


def _list(files: Files, name: str, path: str, protocol: int, port: int) -> AccessList:
    """What a filter lets come to a port of the router, by the sources that it lets."""
    chains = files.filters("" if path == FRONT_DOOR else path.split("/")[-1].removesuffix(".nft"))
    rules = []
    for chain in chains.at("input"):
        for one in chain.rules:
            match = one.said.match
            takes = match.protocols == (protocol,) and any(low <= port <= high for low, high in match.destination_ports)
            if takes and one.said.verdict:
                accepts = one.said.verdict == "accept"
                rules.append(Rule(accepts, Match(sources=match.sources), one.said.log, At(one.line)))
        if chain.accepts:
            rules.append(Rule(True, at=At(chain.line)))
    return AccessList(name, tuple(rules), At(min((one.at.line for one in rules), default=0)))


def users(files: Files) -> tuple[User, ...]:
    """Logins, each with what its hash becomes."""
    lines = ((line.line, *line.text.partition(":")) for line in files.at("etc/spokesman/users").children)
    return tuple(User(name, files.mark(stored), at=At(line)) for line, name, _, stored in lines if name)
