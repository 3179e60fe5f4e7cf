"""The kinds of objects that features use: how they are read, and how they are made again [Lync cmdlet reference]."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inventory.lync import Release


@dataclass(frozen=True)
class Noun:
    """A cmdlet noun: ``Get-NOUN`` and ``Set-NOUN``; with ``made``, ``New-NOUN`` and ``Remove-NOUN`` as well.

    ``named_by`` is the property that holds an object's name. ``read`` are the properties that are read, enough to make
    the object again; ``lists`` are those of them that hold several texts. ``only_2013`` names those that Lync Server
    2010 has not. ``directory``: it is kept in Active Directory, so that an export does not hold it.
    """

    name: str
    read: tuple[str, ...]
    named_by: str = "Identity"
    made: bool = False
    directory: bool = False
    only_2013: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()

    def properties(self, release: Release) -> tuple[str, ...]:
        """What is read on this release: the name first."""
        usable = [one for one in self.read if release is Release.LYNC_2013 or one not in self.only_2013]
        return (self.named_by, *usable)


#: In the order in which they are read.
NOUNS = {
    noun.name: noun
    for noun in (
        Noun("CsAccessEdgeConfiguration", ("AllowOutsideUsers", "AllowFederatedUsers")),
        Noun("CsExternalAccessPolicy", ("EnableOutsideAccess", "EnableFederationAccess", "EnablePublicCloudAccess")),
        Noun("CsAllowedDomain", ("Comment",), made=True),
        Noun("CsPublicProvider", ("Enabled",)),
        Noun(
            "CsConferencingPolicy",
            (
                "AllowIPAudio", "AllowIPVideo", "AllowMultiView", "EnableP2PVideo", "EnableDataCollaboration",
                "EnableAppDesktopSharing", "AllowPolls", "AllowSharedNotes", "EnableDialInConferencing",
            ),
            only_2013=frozenset({"AllowMultiView", "AllowSharedNotes"}),
        ),
        Noun("CsDialPlan", ("DialinConferencingRegion",), named_by="SimpleName", made=True),
        Noun(
            "CsVoicePolicy",
            ("AllowCallForwarding", "AllowSimulRing", "EnableCallTransfer", "EnableDelegation", "EnableTeamCall"),
        ),
        Noun(
            "CsDialInConferencingAccessNumber",
            ("DisplayNumber", "DisplayName", "LineUri", "Pool", "PrimaryLanguage", "Regions"),
            named_by="PrimaryUri",
            made=True,
            directory=True,
            lists=frozenset({"Regions"}),
        ),
        Noun(
            "CsExUmContact",
            ("DisplayNumber", "AutoAttendant", "RegistrarPool"),
            named_by="SipAddress",
            made=True,
            directory=True,
        ),
        Noun("CsArchivingConfiguration", ("EnableArchiving",)),
        Noun("CsArchivingPolicy", ("ArchiveInternal", "ArchiveExternal")),
        Noun("CsCdrConfiguration", ("EnableCDR",)),
        Noun("CsQoEConfiguration", ("EnableQoE",)),
    )
}  # fmt: skip

#: The nouns whose objects are made and removed.
CREATED = frozenset(noun.name for noun in NOUNS.values() if noun.made)


def nouns_read(names: Iterable[str]) -> tuple[Noun, ...]:
    """These nouns, in the order in which they are read."""
    wanted = set(names)
    return tuple(noun for noun in NOUNS.values() if noun.name in wanted)
