"""What goes before anything comes: what is ours and nobody wants, and ports that belong elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .seen import Link, Place
from .settings import Settings
from .steps import FALLBACK, PORT_KINDS, Situation, breakout_stands, tunnel_fits


class Away:
    """Takes away, and knows what is left: one end of a pair takes the other with it, a bridge lets its ports go."""

    def __init__(self, wanted: Settings, own: frozenset[str], now: Situation) -> None:
        self._wanted = wanted
        self._own = own
        self._now = now
        self._links = {place: dict(content.links) for place, content in now.seen.items()}
        self._routes = {place: content.routes for place, content in now.seen.items()}

    def lines(self) -> Iterator[tuple[str, list[str]]]:
        """Lines by namespace; the front door's come first, and once more at the end for namespaces that go."""
        for place in list(self._links):
            if place not in self._foreign():
                yield place, list(self._of_place(place))
        for place in [place for place in self._links if place in self._gone()]:
            del self._links[place]
            yield "", [f"netns delete {place}"]

    def left(self) -> Situation:
        """What is there when the lines are done."""
        seen = {place: Place(links, self._routes[place]) for place, links in self._links.items()}
        return replace(self._now, seen=seen)

    def _gone(self) -> set[str]:
        return {place for place in self._links if place and place not in self._wanted.places} - self._foreign()

    def _foreign(self) -> set[str]:
        """Namespaces that are neither wanted nor ours."""
        known = {*self._wanted.places, ""}
        return {place for place in self._links if place not in known and f"{place}/" not in self._now.made}

    def _of_place(self, place: str) -> Iterator[str]:
        used = _used(self._wanted)
        for name, link in list(self._links[place].items()):
            if name in FALLBACK or name not in self._links[place]:
                continue
            if f"{place}/{name}" in self._now.made:
                if self._is_wrong(place, link):
                    yield f"link delete dev {name}"
                    self._drop(place, link)
            elif link.kind in PORT_KINDS:
                at, bridge = used.get(name, ("", ""))
                if place and at != place:
                    yield from self._bring_home(place, name)
                elif link.master != bridge and f"{place}/{link.master}" in self._now.made:
                    yield f"link set dev {name} nomaster"
                    yield f"link set dev {name} down"
                    self._links[place][name] = replace(link, up=False, master="")

    def _is_wrong(self, place: str, link: Link) -> bool:
        """Whether something of ours is not wanted here, or not like this."""
        if f"{place}/{link.name}" not in self._own:
            return True
        for vpn in self._wanted.vpns:
            if vpn.tunnel and link.name == vpn.tunnel.name:
                # One that is still in the front door was left there half-way.
                return not place or bool(self._now.address and not tunnel_fits(vpn.tunnel, link, self._now.address))
            if vpn.breakout and link.name in (vpn.breakout.name, f"{vpn.breakout.name}-fd"):
                return not breakout_stands(vpn.breakout, vpn.name, self.left())
        return False

    def _bring_home(self, place: str, name: str) -> Iterator[str]:
        link = self._links[place].pop(name)
        if link.master:
            yield f"link set dev {name} nomaster"
        yield f"link set dev {name} down"
        yield f"link set dev {name} netns {self._now.home}"
        self._links[""][name] = replace(link, up=False, master="", addresses=())

    def _drop(self, place: str, gone: Link) -> None:
        del self._links[place][gone.name]
        for name, link in self._links[place].items():
            if link.master == gone.name:
                self._links[place][name] = replace(link, master="")
        if gone.kind == "veth":
            other = gone.name.removesuffix("-fd") if gone.name.endswith("-fd") else f"{gone.name}-fd"
            for links in self._links.values():
                links.pop(other, None)
        self._routes[place] = frozenset(route for route in self._routes[place] if route[2] != gone.name)


def _used(wanted: Settings) -> dict[str, tuple[str, str]]:
    """Namespace and bridge of each port that a LAN uses."""
    used = {port: (vpn.name, lan.name) for vpn in wanted.vpns for lan in vpn.lans for port in lan.ports}
    return {**used, **(dict.fromkeys(wanted.ilan.ports, ("", wanted.ilan.name)) if wanted.ilan else {})}
