"""nftables and tc: rules that the kernel holds, checked where a try touches nothing and replaced in one step."""

from __future__ import annotations

import re

from .. import files, places
from ..errors import Rejected
from ..network.seen import exists
from ..system import must, rehearse, run

QOS = "etc/spokesman/qos.tc"
_QUEUED = places.RUN / "queued"


def place_of(path: str) -> str:
    """The namespace whose rules ``path`` holds."""
    name = path.removeprefix("etc/nftables/").removesuffix(".nft")
    return "" if name == "front-door" else name


def check_nft(path: str, text: str) -> None:
    """Have the kernel judge a ruleset in a namespace of its own; raises Rejected with nft's words."""
    must(run("nft", "-c", "-f", "-", given=_whole(text), apart=True), path, Rejected)


def apply_nft(path: str, text: str) -> None:
    """Replace a namespace's ruleset in one transaction; raises Rejected, and the old rules stand."""
    must(run("nft", "-f", "-", given=_whole(text), place=place_of(path), timeout_s=30), path, Rejected)


def remove_nft(path: str) -> None:
    """Take a namespace's rules away, where it still is."""
    if exists(place_of(path)):
        apply_nft(path, "")


def running_nft(place: str) -> str:
    """The ruleset of a namespace as the kernel has it, without counters."""
    done = run("nft", "-s", "list", "ruleset", place=place, timeout_s=20)
    return done.out if done.code == 0 else ""


def apply_qos(text: str) -> None:
    """Replace the queues of the interfaces that the file names, and take those away that a former one made."""
    kept = set(files.read(_QUEUED).split())
    files.write(_QUEUED, "".join(f"{device}\n" for device in sorted(kept | _devices(text))))
    for device in sorted(kept | _devices(text)):
        run("tc", "qdisc", "delete", "dev", device, "root")
    if text:
        must(run("tc", "-batch", "-", given=text), QOS, Rejected)


def check_qos(text: str) -> None:
    """Try the queues on interfaces of the same names that carry nothing; raises Rejected with tc's words."""
    must(rehearse(_devices(text), "tc", "-batch", "-", given=text), QOS, Rejected)


def _whole(text: str) -> str:
    return f"flush ruleset; {text}"


def _devices(text: str) -> set[str]:
    return set(re.findall(r"\bdev\s+(\S+)", text))
