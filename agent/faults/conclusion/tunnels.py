"""Which tunnel is broken, why, and at which end. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from agent.faults.conclusion.picture import LinkPicture, Picture
from agent.faults.conclusion.terms import Cause, Conclusion, Place


def broken_tunnels(picture: Picture) -> Iterable[Conclusion]:
    """A conclusion for each far end; VPNs whose tunnels share the IKE association are judged together."""
    groups: dict[tuple[str, str], list[LinkPicture]] = {}
    for link in picture.links:
        if link.tunnel is False and (picture.reached or link.wan):
            groups.setdefault((link.far, link.key or link.vpn), []).append(link)
    for links in groups.values():
        cause, place, why = _why(picture, _together(links))
        yield Conclusion(cause, place, f"{', '.join(link.vpn for link in links)}: {why}")


def _together(links: list[LinkPicture]) -> LinkPicture:
    """What several VPNs' tunnels over one association say of it."""
    known = [link.peers_known for link in links if link.peers_known is not None]
    ike, registered = {link.ike for link in links} - {None}, {link.registered for link in links} - {None}
    own, far = {link.own_key for link in links} - {None}, {link.far_key for link in links} - {None}
    return replace(
        links[0],
        ike=ike.pop() if len(ike) == 1 else None,
        own_key=own.pop() if len(own) == 1 else None,
        far_key=far.pop() if len(far) == 1 else None,
        registered=registered.pop() if len(registered) == 1 else None,
        auth_failing=any(link.auth_failing for link in links),
        certificate_refused=any(link.certificate_refused for link in links),
        peers_known=sum(known) if known else None,
        peers_up=sum(link.peers_up for link in links),
    )


def _why(picture: Picture, link: LinkPicture) -> tuple[Cause, Place, str]:
    if link.ike is False and link.proof == "certificates":
        expired = _expired(picture, link)
        if expired is not None:
            return expired
    if link.ike is False and (link.auth_failing or {link.own_key, link.far_key} == {True, False}):
        return _not_proved(picture, link)
    if link.far_is_hub and link.far_session is False and link.far_up is False:
        return Cause.HUB_SIDE, Place.HUB, f"the hub {link.far} does not answer itself"
    place, others = _end(link)
    if place is Place.HUB:
        return Cause.HUB_SIDE, place, f"no tunnel to {link.far} is up: {others}"
    return (
        Cause.VPN_TUNNEL,
        place,
        f"no tunnel with {link.far} is up although the router answers{_layer(link)}; {others}",
    )


def _expired(picture: Picture, link: LinkPicture) -> tuple[Cause, Place, str] | None:
    """Whose certificate does not hold is seen at its owner."""
    own, own_text = picture.own_certificate()
    far, far_text = picture.certificate(link.far)
    if own is False and far is False:
        return Cause.CERTIFICATE_EXPIRED, Place.BOTH_ENDS, f"{own_text}; {far_text}"
    if own is False:
        return Cause.CERTIFICATE_EXPIRED, Place.THIS_ROUTER, own_text
    if far is False and link.far_is_hub:
        return Cause.CERTIFICATE_EXPIRED, Place.HUB, far_text
    if far is False:
        return Cause.CERTIFICATE_EXPIRED, Place.EITHER_END, far_text
    return None


def _not_proved(picture: Picture, link: LinkPicture) -> tuple[Cause, Place, str]:
    """IKE is answered and ends in a refusal: the access works, one end does not prove who it is."""
    place, others = _end(link)
    refused = f"IKE with {link.far} is answered and authentication fails, so the access works"
    if not link.auth_failing:
        refused = f"there is no IKE association with {link.far}, and the keys at its ends differ"
    if link.proof == "psk" and not link.certificate_refused:
        return _keys(link, place, refused, others)
    if link.proof == "certificates":
        return Cause.VPN_TUNNEL, place, f"{refused}; {_held(picture, link)}; {others}"
    return Cause.VPN_TUNNEL, place, f"{refused}; {others}"


def _held(picture: Picture, link: LinkPicture) -> str:
    """What is known of certificates of which none was seen to have expired."""
    own, far = (
        "holds" if valid else "could not be read"
        for valid, _ in (picture.own_certificate(), picture.certificate(link.far))
    )
    return f"it is by certificate: this router's {own}, that of {link.far} {far}"


def _keys(link: LinkPicture, place: Place, refused: str, others: str) -> tuple[Cause, Place, str]:
    """Which end's key is not the intended one is seen at its owner; where nobody could look, others' tunnels tell."""
    far = Place.HUB if link.far_is_hub else Place.EITHER_END
    mine = "this router does not run the intended pre-shared key"
    theirs = f"{link.far} does not run the intended pre-shared key"
    match link.own_key, link.far_key:
        case True, True:
            why = f"{refused}; both ends run the intended pre-shared key now"
            return Cause.VPN_TUNNEL, Place.EITHER_END, why
        case False, False:
            return (
                Cause.KEY_MISMATCH,
                Place.BOTH_ENDS,
                f"{refused}; neither this router nor {link.far} runs the intended key",
            )
        case False, known:
            beside = f", {link.far} does" if known else f"; what {link.far} runs is not known"
            return Cause.KEY_MISMATCH, Place.THIS_ROUTER, f"{refused}; {mine}{beside}"
        case known, False:
            beside = ", this router does" if known else "; what this router runs is not known"
            return Cause.KEY_MISMATCH, far, f"{refused}; {theirs}{beside}"
        case None, True:
            why = f"{link.far} runs the intended pre-shared key, what this router runs is not known; {others}"
            return Cause.KEY_MISMATCH, place if place is Place.THIS_ROUTER else Place.EITHER_END, f"{refused}; {why}"
        case True, None if place is Place.THIS_ROUTER:
            why = "this router runs the intended pre-shared key, and the others do not have trouble"
            return Cause.KEY_MISMATCH, Place.EITHER_END, f"{refused}; {why}: {others}"
    return Cause.KEY_MISMATCH, place, f"{refused}; it is by pre-shared key; {others}"


def _end(link: LinkPicture) -> tuple[Place, str]:
    """Which end: a hub whose other spokes work is not it, one that has no spoke left is."""
    if not link.far_is_hub or link.peers_known is None:
        return Place.EITHER_END, f"how other routers fare at {link.far} is not known"
    if link.peers_known == 0:
        return Place.EITHER_END, f"no other router should be at {link.far} now, so the end cannot be told"
    if link.peers_up == 0:
        return Place.HUB, f"of {link.peers_known} other routers at {link.far} none has its tunnel"
    return Place.THIS_ROUTER, f"{link.peers_up} of {link.peers_known} other routers have their tunnel to {link.far}"


def _layer(link: LinkPicture) -> str:
    """How far up it works."""
    if link.ike is False:
        return ", and there is no IKE association"
    if link.ike and link.registered is False:
        return ", IKE works, and NHRP registrations are sent and not answered"
    return ""
