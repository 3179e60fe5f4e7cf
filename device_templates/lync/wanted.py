"""From a pool's order to settings: what each ordered feature means on Lync Server 2010 and 2013 [LY-2]. Pure.

Settings stand at the global scope, because a customer's deployment has one configuration store. What was not ordered is
left as it is; what this agent made for an order that is gone (a partner's domain, an access number) is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from device_templates.errors import NotRenderable
from device_templates.lync.settings import Setting, State
from inventory.customer import Customer
from inventory.lync import Features, Pool, Release

_GLOBAL = "Global"
#: What public IM providers are called on a new deployment, by their names in the inventory.
PROVIDERS = {"aol": "AOL", "msn": "MSN", "yahoo": "Yahoo!"}

_Make = Callable[[Customer, str, Pool], Iterator[Setting]]


def mark_of(pool: str) -> str:
    """What objects that this agent made for a pool carry, so that it never removes anybody else's."""
    return f"spokesman-{pool}"


def ordered(features: Features) -> tuple[str, ...]:
    """The names of the ordered features, in the order of the inventory's model."""
    return tuple(name for name in type(features).model_fields if getattr(features, name))


def wanted(customer: Customer, name: str, state: State) -> tuple[Setting, ...]:
    """The settings of pool ``name`` for what was ordered, and what is to be removed of former orders.

    Raises NotRenderable where an ordered feature needs what the inventory does not say.
    """
    pool = customer.lync.pools[name]
    settings = [one for feature in ordered(pool.features) for one in _MAKERS[feature](customer, name, pool)]
    keys = {one.key for one in settings}
    others = {
        one.domain for key, other in customer.lync.pools.items() if key != name for one in other.features.federation
    }
    settings += [one for one in _withdrawn(name, state) if one.key not in keys and one.name not in others]
    return tuple(settings)


def _withdrawn(name: str, state: State) -> Iterator[Setting]:
    """What carries the pool's mark."""
    mark = mark_of(name)
    for (noun, key), values in sorted(state.items()):
        if noun == "CsAllowedDomain" and values.get("Comment") == mark:
            yield Setting("federation", noun, key, present=False)
        elif noun == "CsDialInConferencingAccessNumber" and key.startswith(f"sip:{mark}-"):
            yield Setting("dial_in_conferencing", noun, key, present=False)


def _external_access(_customer: Customer, _name: str, _pool: Pool) -> Iterator[Setting]:
    feature = "external_access"
    yield _existing(feature, "CsAccessEdgeConfiguration", AllowOutsideUsers=True)
    yield _existing(feature, "CsExternalAccessPolicy", EnableOutsideAccess=True)


def _enterprise_voice(_customer: Customer, _name: str, _pool: Pool) -> Iterator[Setting]:
    yield _existing(
        "enterprise_voice",
        "CsVoicePolicy",
        AllowCallForwarding=True,
        AllowSimulRing=True,
        EnableCallTransfer=True,
        EnableDelegation=True,
        EnableTeamCall=True,
    )


def _exchange_um(_customer: Customer, name: str, pool: Pool) -> Iterator[Setting]:
    um = pool.features.exchange_um
    if um is None:
        return
    if not um.contacts:
        raise _missing(name, "features.exchange_um.contacts", "its contact objects, each with sip, number and ou")
    for contact in um.contacts:
        yield Setting(
            "exchange_um",
            "CsExUmContact",
            f"sip:{contact.sip}",
            {"DisplayNumber": contact.number, "AutoAttendant": contact.auto_attendant},
            {"RegistrarPool": _fqdn(name, pool), "OU": contact.ou},
        )


def _av_conferencing(_customer: Customer, _name: str, pool: Pool) -> Iterator[Setting]:
    newer = {"AllowMultiView": True} if pool.version is Release.LYNC_2013 else {}
    yield _existing(
        "av_conferencing", "CsConferencingPolicy", AllowIPAudio=True, AllowIPVideo=True, EnableP2PVideo=True, **newer
    )


def _web_conferencing(_customer: Customer, _name: str, pool: Pool) -> Iterator[Setting]:
    newer = {"AllowSharedNotes": True} if pool.version is Release.LYNC_2013 else {}
    yield _existing(
        "web_conferencing",
        "CsConferencingPolicy",
        EnableDataCollaboration=True,
        EnableAppDesktopSharing="Desktop",
        AllowPolls=True,
        **newer,
    )


def _dial_in(_customer: Customer, name: str, pool: Pool) -> Iterator[Setting]:
    order, feature, mark = pool.features.dial_in_conferencing, "dial_in_conferencing", mark_of(name)
    if order is None:
        return
    if pool.sip_domain is None:
        raise _missing(name, "sip_domain", "the domain of its SIP addresses, as acme.example")
    yield _existing(feature, "CsConferencingPolicy", EnableDialInConferencing=True)
    yield Setting(feature, "CsDialPlan", mark, {"DialinConferencingRegion": order.region})
    for number in order.numbers:
        yield Setting(
            feature,
            "CsDialInConferencingAccessNumber",
            f"sip:{mark}-{number.removeprefix('+')}@{pool.sip_domain}",
            {"DisplayNumber": number, "LineUri": f"tel:{number}", "Regions": (order.region,)},
            {"DisplayName": mark, "Pool": _fqdn(name, pool), "PrimaryLanguage": order.language},
        )


def _federation(_customer: Customer, name: str, pool: Pool) -> Iterator[Setting]:
    feature = "federation"
    yield _existing(feature, "CsAccessEdgeConfiguration", AllowFederatedUsers=True)
    yield _existing(feature, "CsExternalAccessPolicy", EnableFederationAccess=True)
    for partner in pool.features.federation:
        yield Setting(feature, "CsAllowedDomain", partner.domain, made_with={"Comment": mark_of(name)})


def _public_im(_customer: Customer, name: str, pool: Pool) -> Iterator[Setting]:
    order, feature = pool.features.public_im, "public_im"
    if order is None:
        return
    yield _existing(feature, "CsAccessEdgeConfiguration", AllowFederatedUsers=True)
    yield _existing(feature, "CsExternalAccessPolicy", EnablePublicCloudAccess=True)
    for provider in order.providers:
        if provider not in PROVIDERS:
            known = ", ".join(PROVIDERS)
            raise _missing(name, "features.public_im.providers", f"one of {known}; {provider} is not known", "correct")
        yield Setting(feature, "CsPublicProvider", PROVIDERS[provider], {"Enabled": True}, existing=True)


def _archiving(_customer: Customer, _name: str, _pool: Pool) -> Iterator[Setting]:
    yield _existing("archiving", "CsArchivingConfiguration", EnableArchiving="ImAndWebConf")
    yield _existing("archiving", "CsArchivingPolicy", ArchiveInternal=True, ArchiveExternal=True)


def _monitoring(_customer: Customer, _name: str, _pool: Pool) -> Iterator[Setting]:
    yield _existing("monitoring", "CsCdrConfiguration", EnableCDR=True)
    yield _existing("monitoring", "CsQoEConfiguration", EnableQoE=True)


_MAKERS: dict[str, _Make] = {
    "external_access": _external_access,
    "enterprise_voice": _enterprise_voice,
    "exchange_um": _exchange_um,
    "av_conferencing": _av_conferencing,
    "web_conferencing": _web_conferencing,
    "dial_in_conferencing": _dial_in,
    "federation": _federation,
    "public_im": _public_im,
    "archiving": _archiving,
    "monitoring": _monitoring,
}


def _existing(feature: str, noun: str, **values: bool | str) -> Setting:
    return Setting(feature, noun, _GLOBAL, values, existing=True)


def _fqdn(name: str, pool: Pool) -> str:
    if pool.fqdn is None:
        raise _missing(name, "fqdn", "the pool's full name in the topology")
    return pool.fqdn


def _missing(name: str, field: str, what: str, verb: str = "add") -> NotRenderable:
    return NotRenderable(
        f"an ordered feature needs {what}", where=f"lync.pools.{name}.{field}", rule="LY-2", remedy=f"{verb} it"
    )
