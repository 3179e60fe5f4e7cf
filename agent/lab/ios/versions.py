"""``show version`` and ``show inventory`` of both systems."""

from __future__ import annotations

import re

from agent.lab.ios.moments import elapsed, moment
from agent.lab.router import VirtualRouter

_RULE = "-----------------------------------------------------------------"


def version(router: VirtualRouter) -> str:
    """``show version``."""
    return _version_ios(router) if router.model.system == "ios" else _version_xe(router)


def _version_ios(router: VirtualRouter) -> str:
    kind, name = router.model, router.hostname
    release = router.release if "(" in router.release else f"{router.release}(3)M"
    file = re.sub(r"[.()]", "", release.replace("(", "-", 1)).replace("M", ".M")
    return (
        f"Cisco IOS Software, {kind.family} Software ({kind.image.upper()}-M), Version {release}, "
        "RELEASE SOFTWARE (fc1)\n"
        "Technical Support: http://www.cisco.com/techsupport\n\n"
        "ROM: System Bootstrap, Version 15.0(1r)M16, RELEASE SOFTWARE (fc1)\n\n"
        f"{name} uptime is {elapsed(router.uptime)}\n"
        f"System returned to ROM by {router.reload_reason}\n"
        f"System restarted at {moment(router.booted_at)}\n"
        f'System image file is "flash0:{kind.image}-mz.SPA.{file}.bin"\n'
        "Last reload type: Normal Reload\n"
        f"Last reload reason: {router.reload_reason}\n\n\n"
        f"Cisco {kind.name} ({kind.processor}) with 491520K/32768K bytes of memory.\n"
        f"Processor board ID {router.chassis.serial}\n"
        f"{len(router.ports)} Gigabit Ethernet interfaces\n"
        "1 terminal line\n"
        "DRAM configuration is 64 bits wide with parity disabled.\n"
        "255K bytes of non-volatile configuration memory.\n"
        "250880K bytes of ATA System CompactFlash 0 (Read/Write)\n\n\n"
        "License Info:\n\nLicense UDI:\n\n-------------------------------------------------\n"
        "Device#   PID                   SN\n-------------------------------------------------\n"
        f"*0        {kind.name:<21} {router.chassis.serial}\n\n\n\n{_packages(router)}"
        "Configuration register is 0x2102\n"
    )


def _packages(router: VirtualRouter) -> str:
    """The technology packages; boxes of the 800 series have one licence for everything."""
    module = router.model.family.lower()
    if router.model.licence:
        level = router.licence_booted
        return f"License Level: {level}   Type: Permanent\nNext reboot license Level: {level}\n\n\n"
    following = router.running.value(f"license boot module {module} technology-package") or "None"
    now = router.licence_booted or "None"
    kind = "None" if now == "None" else "Permanent"
    return (
        f"Technology Package License Information for Module:'{module}'\n\n{_RULE}\n"
        "Technology    Technology-package           Technology-package\n"
        f"              Current       Type           Next reboot\n{_RULE}-\n"
        "ipbase        ipbasek9      Permanent      ipbasek9\n"
        f"security      {now:<14}{kind:<15}{following}\n\n"
    )


def _version_xe(router: VirtualRouter) -> str:
    kind, release = router.model, router.release
    numbers = ".".join([*re.findall(r"\d+", release), "1", "1"][:3])
    name = router.hostname
    return (
        f"Cisco IOS XE Software, Version {numbers}\n"
        f"Cisco IOS Software, {kind.family} Software ({kind.image.upper()}), Version {numbers}, "
        "RELEASE SOFTWARE (fc1)\n"
        "Technical Support: http://www.cisco.com/techsupport\n\n"
        "ROM: IOS-XE ROMMON\n"
        f"{name} uptime is {elapsed(router.uptime)}\n"
        f"Uptime for this control processor is {elapsed(router.uptime + 60)}\n"
        f"System returned to ROM by {router.reload_reason}\n"
        f"System restarted at {moment(router.booted_at)}\n"
        f'System image file is "bootflash:{kind.image.lower()}.{numbers}.SPA.bin"\n'
        f"Last reload reason: {router.reload_reason}\n\n"
        "Suite License Information for Module:'esg'\n\n"
        "Technology Package License Information:\n\n"
        "-----------------------------------------------------------------\n"
        "Technology    Technology-package           Technology-package\n"
        "              Current       Type           Next reboot\n"
        "-----------------------------------------------------------------\n"
        f"{_technology(router)}\n\n"
        "The current throughput level is 1000000 kbps\n\n\n"
        f"cisco {kind.name} ({kind.processor}) processor with 1453955K/6147K bytes of memory.\n"
        f"Processor board ID {router.chassis.serial}\n"
        f"{len(router.ports)} Gigabit Ethernet interfaces\n"
        "32768K bytes of non-volatile configuration memory.\n"
        "4194304K bytes of physical memory.\n"
        "2863103K bytes of flash memory at bootflash:.\n\n"
        "Configuration register is 0x2102\n"
    )


def _technology(router: VirtualRouter) -> str:
    following = router.running.value("license boot level") or "None"
    now = router.licence_booted or "None"
    return f"{'licence':<14}{now:<14}{'Smart License':<15}{following}"


def inventory(router: VirtualRouter) -> str:
    """``show inventory``."""
    kind = router.model
    if kind.system == "ios":
        return (
            f'NAME: "{kind.description}", DESCR: "{kind.description}"\n'
            f"PID: {kind.name:<18}, VID: V01  , SN: {router.chassis.serial}\n\n"
        )
    return (
        f'NAME: "Chassis", DESCR: "{kind.description}"\n'
        f"PID: {kind.name:<18}, VID: V01  , SN: {router.chassis.serial}\n\n"
        'NAME: "module 0", DESCR: "Route processor"\n'
        f"PID: {kind.name:<18}, VID: V01  , SN: {router.chassis.serial}\n\n"
    )
