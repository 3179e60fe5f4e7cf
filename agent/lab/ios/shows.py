"""Show commands that a router answers from its own state, without the network around it."""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.lab.config import ConfigTree
from agent.lab.ios import versions
from agent.lab.ios.moments import moment
from agent.lab.router import VirtualRouter


def running_config(router: VirtualRouter) -> str:
    """``show running-config``, with the header that counts its bytes."""
    body = "!\n" + _history(router) + "!\n" + router.shown(delimiter="^C")
    return f"Building configuration...\n\nCurrent configuration : {len(body)} bytes\n{body}\n"


def _history(router: VirtualRouter) -> str:
    rows = []
    if router.running_changed:
        by = f" by {router.changed_by}" if router.changed_by else ""
        rows.append(f"! Last configuration change at {moment(router.running_changed)}{by}\n")
    if router.running_saved:
        by = f" by {router.saved_by}" if router.saved_by else ""
        rows.append(f"! NVRAM config last updated at {moment(router.running_saved)}{by}\n")
    return "".join(rows)


#: A certificate with its octets, as it runs.
_FILED = re.compile(r"^( certificate (?:(ca|self-signed) )?([0-9A-F]+))\n(?:  .*\n)*?  \t?quit$", re.MULTILINE)


def _in_nvram(found: re.Match[str]) -> str:
    """A saved certificate stands in a file of its own."""
    return f"{found[1]} nvram:{'IOS-Self-Sig' if found[2] == 'self-signed' else 'Certificate'}#{found[3][-4:]}.cer"


def startup_config(router: VirtualRouter) -> str:
    """``show startup-config``."""
    if router.startup is None:
        return "startup-config is not present\n"
    shown = _FILED.sub(_in_nvram, ConfigTree.parse(router.startup).render(delimiter="^C"))
    return f"Using {len(router.startup)} out of 33554432 bytes\n!\n! Last configuration change\n!\n{shown}\n"


def _hosts(router: VirtualRouter) -> str:
    domain = router.running.value("ip domain name")
    shown = f"Default domain is {domain}\n" if domain else "Default domain is not set\n"
    return shown + "Name servers are " + (router.running.value("ip name-server") or "255.255.255.255") + "\n"


def _snmp_user(router: VirtualRouter) -> str:
    rows = []
    for user in router.snmp_users.values():
        engine = user.engine_id.hex().upper()
        auth = {"": "None", "md5": "MD5", "sha": "SHA"}.get(user.auth, user.auth.upper().replace("SHA-2 ", "SHA-"))
        priv = {"": "None", "des": "DES", "3des": "3DES"}.get(user.priv, "AES" + user.priv.removeprefix("aes").strip())
        rows.append(
            f"\nUser name: {user.name}\nEngine ID: {engine}\nstorage-type: nonvolatile\t active"
            + (f"\taccess-list: {user.access}" if user.access else "")
            + f"\nAuthentication Protocol: {auth}\nPrivacy Protocol: {priv}\nGroup-name: {user.group}\n"
        )
    return "".join(rows)


def _snmp_group(router: VirtualRouter) -> str:
    rows = []
    for line in router.running.children("snmp-server group"):
        words = line.words
        level = words[4] if words[3] == "v3" else ""
        read = words[words.index("read") + 1] if "read" in words else "v1default"
        access = f"access-list: {words[words.index('access') + 1]}" if "access" in words else ""
        rows.append(
            f"groupname: {words[2]:<31}  security model:{words[3]} {level}\n"
            f"contextname: <no context specified>         storage-type: nonvolatile\n"
            f"readview : {read:<31}  writeview: <no writeview specified>\n"
            f"notifyview: <no notifyview specified>\nrow status: active\t{access}\n\n"
        )
    return "".join(rows)


def _engine(router: VirtualRouter) -> str:
    return f"Local SNMP engineID: {router.engine_id.hex().upper()}\nRemote Engine ID          IP-addr    Port\n"


def _license(router: VirtualRouter) -> str:
    level = router.licence_booted
    if level is None:
        return "License Usage:\n  No licenses in use\n"
    entitlement = f"({router.model.family}_{level.replace(' ', '_')})"
    return (
        "Account Information:\n  Smart Account: <none>\n  Virtual Account: <none>\n\nLicense Usage:\n"
        "  License                 Entitlement Tag               Count Status\n"
        "  -----------------------------------------------------------------------------\n"
        f"  {level.split()[0]:<23} {entitlement:<29} {1:>5} IN USE\n"
    )


def _udi(router: VirtualRouter) -> str:
    return f"UDI: PID:{router.model.name},SN:{router.chassis.serial}\n"


def _ip_ssh(router: VirtualRouter) -> str:
    retries = router.running.value("ip ssh authentication-retries") or "3"
    seconds = router.running.value("ip ssh time-out") or "120"
    return (
        f"SSH Enabled - version {'2.0' if router.running.value('ip ssh version') == '2' else '1.99'}\n"
        "Authentication methods:publickey,keyboard-interactive,password\n"
        f"Authentication timeout: {seconds} secs; Authentication retries: {retries}\n"
        "Minimum expected Diffie Hellman key size : 2048 bits\n"
        f"IOS Keys in SECSH format(ssh-ec, base64 encoded): {router.hostname}\n"
    )


def _archive(router: VirtualRouter) -> str:
    section = router.running.section("archive")
    path = section.value("path") if section else None
    if not path:
        return "Archive feature not enabled\n"
    most = (section.value("maximum") if section else None) or "10"
    return (
        f"The maximum archive configurations allowed is {most}.\n"
        f"The next archive file will be named {path}-<timestamp>-0\n"
        " Archive #  Name\n   1        \n"
    )


def _rollback_timer(router: VirtualRouter) -> str:
    pending = router.revert
    if pending is None:
        return "%No Rollback Confirmed Change pending\n"
    kind = "idle timer" if pending.idle else "absolute timer"
    return (
        f"Time configured(or reconfigured): {moment(pending.configured)}\n"
        f"Timer type: {kind}\nTimer value: {pending.minutes} min\nUser: {pending.user}\n"
    )


def _interface_brief(router: VirtualRouter) -> str:
    rows = ["Interface              IP-Address      OK? Method Status                Protocol"]
    for section in router.running.interfaces():
        name = section.words[1]
        state = router.world.interface_status(router, name)
        address = state.address.split("/")[0] if state.address else "unassigned"
        method = "DHCP" if section.value("ip address") == "dhcp" else "NVRAM" if state.address else "unset"
        status = "up" if state.line_up else "down" if state.admin_up else "administratively down"
        protocol = "up" if state.protocol_up else "down"
        rows.append(f"{name:<22} {address:<15} YES {method:<6} {status:<21} {protocol}")
    return "\n".join(rows) + "\n"


def _file_systems(router: VirtualRouter) -> str:
    return (
        "File Systems:\n\n       Size(b)       Free(b)      Type  Flags  Prefixes\n"
        f"*  {router.flash.size:>11}   {router.flash.free:>11}      disk     rw   bootflash: flash:\n"
    )


def _vrf(router: VirtualRouter) -> str:
    rows = ["  Name                             Default RD            Protocols   Interfaces"]
    for vrf in router.running.children("vrf definition"):
        name = vrf.words[2]
        of = [line.words[1] for line in router.running.interfaces() if line.value("vrf forwarding") == name]
        first, *rest = of or [""]
        rows.append(f"  {name:<32} {vrf.value('rd') or '<not set>':<21} {'ipv4':<11} {first}")
        rows.extend(f"{'':<69}{other}" for other in rest)
    return "\n".join(rows) + "\n"


#: Command in full -> its output.
SHOWS: dict[str, Callable[[VirtualRouter], str]] = {
    "show version": versions.version,
    "show inventory": versions.inventory,
    "show hosts": _hosts,
    "show running-config": running_config,
    "show startup-config": startup_config,
    "show snmp user": _snmp_user,
    "show snmp group": _snmp_group,
    "show snmp engineID": _engine,
    "show license summary": _license,
    "show license usage": _license,
    "show license all": _license,
    "show license": _license,
    "show license udi": _udi,
    "show ip ssh": _ip_ssh,
    "show archive": _archive,
    "show archive config rollback timer": _rollback_timer,
    "show ip interface brief": _interface_brief,
    "show file systems": _file_systems,
    "show flash:": lambda router: router.flash.directory("flash:"),
    "show bootflash:": lambda router: router.flash.directory("bootflash:"),
    "show logging": lambda router: router.log.shown(router.running),
    "show vrf": _vrf,
    "show clock": lambda router: f"{moment(router.clock.now())}\n".replace(" UTC", ".000 UTC", 1),
    "show privilege": lambda _: "Current privilege level is 15\n",
}
