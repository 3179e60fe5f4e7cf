"""A kernel on paper: it takes the lines that `ip -batch` would, strictly, and tells what `ip` would see then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from device_templates.linux_frr.onboard.router.network.plan import Plan
from device_templates.linux_frr.onboard.router.network.seen import Link, Place

HOME = 4711


@dataclass
class Kernel:
    """Namespaces with their links and routes; a line that a real kernel would refuse raises."""

    links: dict[str, dict[str, Link]] = field(default_factory=dict)
    routes: set[tuple[str, str, str]] = field(default_factory=set)
    pairs: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @classmethod
    def with_ports(cls, *ports: str) -> Kernel:
        """A machine that has just booted."""
        lo = Link("lo", up=True, mtu=65536)
        return cls({"": {"lo": lo, **{port: Link(port) for port in ports}}})

    def seen(self) -> dict[str, Place]:
        """What the program would see."""
        return {
            place: Place(dict(links), frozenset(self.routes) if not place else frozenset())
            for place, links in self.links.items()
        }

    def take(self, plan: Plan) -> None:
        """Do all steps of a plan."""
        for step in plan.steps:
            if step.sysctls or step.lines:
                assert step.place in self.links, f"no namespace {step.place}"
            for line in step.lines:
                self.lines.append(f"{step.place}: {line}")
                self._line(step.place, line.split())

    def _line(self, place: str, words: list[str]) -> None:
        match words:
            case ["netns", "add", name]:
                assert name not in self.links, f"{name} is there"
                fallback = ("lo", "gre0", "ip_vti0", "erspan0")
                self.links[name] = {device: Link(device, up=False) for device in fallback}
            case ["netns", "delete", name]:
                for link in self.links.pop(name).values():
                    self._forget_pair(link.name)
            case ["link", "add", "name", name, "type", kind, *rest]:
                self._add(place, name, kind, rest)
            case ["link", "delete", "dev", name]:
                self._drop(place, name)
            case ["link", "set", "dev", name, *changes]:
                self._set(place, name, changes)
            case ["address", action, address, "dev", name]:
                link = self._get(place, name)
                assert (address in link.addresses) == (action == "delete"), line_error(words)
                held = tuple(one for one in link.addresses if one != address)
                self.links[place][name] = replace(link, addresses=held + ((address,) if action == "add" else ()))
            case ["route", action, to, *rest]:
                self._route(action, to, rest)
            case _:
                raise AssertionError(line_error(words))

    def _add(self, place: str, name: str, kind: str, rest: list[str]) -> None:
        assert name not in self.links[place], f"{name} is there"
        values = dict(zip(rest[::2], rest[1::2], strict=False))
        if kind == "veth":
            assert rest[:2] == ["peer", "name"]
            self.pairs |= {name: rest[2], rest[2]: name}
            self.links[place][rest[2]] = Link(rest[2], "veth")
        data = {key: int(value) if key == "ttl" else value for key, value in values.items() if key != "peer"}
        if "key" in values:
            data = {**data, "ikey": f"0.0.{int(values['key']) // 256}.{int(values['key']) % 256}", "remote": "any"}
        self.links[place][name] = Link(name, kind, data=data)

    def _drop(self, place: str, name: str) -> None:
        link = self.links[place].pop(name)
        assert link.kind, f"{name} is a port"
        for other, held in self.links[place].items():
            if held.master == name:
                self.links[place][other] = replace(held, master="")
        self.routes = {route for route in self.routes if place or route[2] != name}
        self._forget_pair(name)

    def _forget_pair(self, name: str) -> None:
        other = self.pairs.pop(name, "")
        self.pairs.pop(other, "")
        for links in self.links.values():
            links.pop(other, None)

    def _set(self, place: str, name: str, changes: list[str]) -> None:
        link = self._get(place, name)
        match changes:
            case ["netns", to]:
                self.links[place].pop(name)
                target = "" if to == str(HOME) else to
                assert name not in self.links[target], f"{name} is in {target}"
                self.links[target][name] = replace(link, up=False, master="", addresses=())
                self.routes = {route for route in self.routes if place or route[2] != name}
                return
            case ["nomaster", *rest]:
                link = replace(link, master="", up=link.up and rest != ["down"])
            case ["master", master]:
                assert self._get(place, master).kind == "bridge"
                link = replace(link, master=master)
            case ["mtu", mtu]:
                link = replace(link, mtu=int(mtu))
            case ["up"] | ["down"]:
                link = replace(link, up=changes == ["up"])
            case _:
                raise AssertionError(line_error(changes))
        self.links[place][name] = link

    def _route(self, action: str, to: str, rest: list[str]) -> None:
        values = dict(zip(rest[::2], rest[1::2], strict=True))
        route = (to, values.get("via", ""), values["dev"])
        assert self._get("", values["dev"]).up, f"{values['dev']} is down"
        if action == "delete":
            self.routes.remove(route)
        else:
            self.routes = {one for one in self.routes if one[0] != to} | {route}

    def _get(self, place: str, name: str) -> Link:
        assert name in self.links[place], f"no {name} in {place or 'the front door'}"
        return self.links[place][name]


def line_error(words: list[str]) -> str:
    """What is said of a line that cannot be."""
    return f"the kernel does not take: {' '.join(words)}"
