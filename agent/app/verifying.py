"""Verification, wired: which configuration of each router is judged, and what is found."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from agent.app.lacking import Lacking
from agent.archive.archive import visible
from agent.errors import ArchiveDamaged, ConfigurationProblem, Refused
from agent.verification import Finding, Line, verify
from agent.verification.shown import of_line
from device_templates import (
    NotParsable,
    NotRenderable,
    PlatformText,
    SecretUnusable,
    TemplatesError,
    platform_of,
    recognised,
)
from device_templates.model import RouterModel
from inventory import Inventory, Severity, SiteView, UnknownName
from inventory.loading.collector import without_collector

if TYPE_CHECKING:
    from agent.app.app import App

#: A file beyond this is no configuration, in bytes.
LARGEST_FILE = 8 * 1024 * 1024
INTENDED = "as intended"
#: A terminal's prompt for the next page, and what it writes over the prompt.
_PAGED = re.compile(r"^ ?-+ ?More ?-+ ?(?:[\b\r]+ *[\b\r]+)?", re.MULTILINE | re.IGNORECASE)
#: The prompt that follows a configuration on a terminal.
_PROMPT = re.compile(r"(?<=\n)[\w.-]+[#>]\s*\Z")
_LINE_END = re.compile(r"\r*\n|\r")


@dataclass(frozen=True)
class Configuration:
    """The configuration of a router that is judged: ``source`` says which, ``fault`` why it is not whole, if so.

    ``path`` is that of the file that it stands in, "" for none.
    """

    router: str
    source: str
    platform: PlatformText
    model: RouterModel
    read: Callable[[], str] = field(repr=False)
    fault: str = ""
    path: str = ""

    @cached_property
    def text(self) -> str:
        """The text whose lines the model counts; it holds secrets."""
        return self.read()


@dataclass
class Picture:
    """The configurations of several routers; of those in ``unknown`` there is none, for the reason given."""

    known: dict[str, Configuration] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    refused: list[Finding] = field(default_factory=list)
    #: What helps with a router of ``unknown``, where that is not to take its configuration again.
    advice: dict[str, str] = field(default_factory=dict)

    def add(self, configuration: Configuration) -> None:
        """Take this configuration for its router's."""
        self.known[configuration.router] = configuration
        self.unknown.pop(configuration.router, None)
        self.refused = [one for one in self.refused if one.routers != (configuration.router,)]

    @without_collector()
    def findings(self, inventory: Inventory) -> tuple[Finding, ...]:
        """Every verdict on it."""
        models = {name: one.model for name, one in self.known.items()}
        return (*self.refused, *map(self._advised, verify(models, inventory, self.unknown)))

    def _advised(self, finding: Finding) -> Finding:
        advice = self.advice.get(finding.routers[0]) if finding.check == "configuration-unknown" else None
        return replace(finding, remedy=advice) if advice else finding

    def line(self, line: Line, known_secrets: Iterable[str]) -> str:
        """The text of a line with those that it stands under, secrets redacted."""
        found = self.known.get(line.router)
        if found is None:
            return ""
        return visible(found.platform.redact(of_line(found.text, line.number), known_secrets))


def together(inventory: Inventory, views: Iterable[SiteView]) -> tuple[SiteView, ...]:
    """Sites, and every other site that shares a VPN with one of them."""
    joined = {(view.customer.customer, vpn): view for view in views for vpn in view.vpns}
    members = (one for (_, vpn), view in joined.items() for one in inventory.members(view.customer, vpn))
    return tuple({one.key: one for one in members}.values())


@without_collector()
def from_inventory(app: App, views: Iterable[SiteView], needed: frozenset[str] | None = None) -> Picture:
    """What the routers of these sites should run.

    Raises what cannot be rendered of the sites in ``needed``, by key; of others it is told. None: nothing is raised,
    and what cannot be rendered is an error.
    """
    picture, lacking = Picture(), Lacking(app.secrets)
    for view in views:
        try:
            picture.add(_intended(app, view, lacking))
        except (NotRenderable, SecretUnusable) as error:
            if needed and view.key in needed:
                raise
            severity = Severity.ERROR if needed is None else Severity.WARNING
            picture.refused.append(_not_rendered(view, error, severity))
    lacking.refuse()
    return picture


def _intended(app: App, view: SiteView, secrets: Lacking) -> Configuration:
    platform = platform_of(view)
    model = platform.intended_model(app.inventory, view, secrets, app.paths.overrides)
    return Configuration(view.router.name, INTENDED, platform, model, lambda: app.rendered(view).text)


def _not_rendered(view: SiteView, error: TemplatesError, severity: Severity) -> Finding:
    """Another site's order that cannot be rendered holds up that site, and not those that share a VPN with it."""
    rule = getattr(error, "rule", "") or "WV-22"
    return Finding(
        rule,
        (view.router.name,),
        f"cannot be rendered: {error.message}",
        error.remedy,
        severity,
        check="order-is-rendered",
    )


@without_collector()
def as_it_runs(app: App, views: Iterable[SiteView]) -> Picture:
    """The newest archived configuration of each router; of one that has none, what it should run."""
    from agent.store.archive import ArchiveStore

    picture, archived = Picture(), frozenset(ArchiveStore(app.engine).routers())
    lacking = Lacking(app.secrets)
    for view in views:
        if view.router.name not in archived:
            _add_intended(app, view, picture, lacking)
            continue
        try:
            picture.add(_archived(app, view.router.name))
        except (ArchiveDamaged, ConfigurationProblem, Refused, NotParsable) as error:
            picture.unknown[view.router.name] = error.message
            if isinstance(error, ConfigurationProblem):  # as of another master key: what was taken is good
                picture.advice[view.router.name] = error.remedy
    lacking.refuse()
    return picture


def _add_intended(app: App, view: SiteView, picture: Picture, secrets: Lacking) -> None:
    try:
        picture.add(_intended(app, view, secrets))
    except (NotRenderable, SecretUnusable) as error:
        picture.refused.append(_not_rendered(view, error, Severity.ERROR))


def _archived(app: App, router: str) -> Configuration:
    number = app.newest_version(router)
    found = app.archive.load(router, number)
    platform = recognised(found.text)
    if platform is None:
        raise NotParsable("it is a configuration of no known platform")
    source = f"archived, version {number} of {found.version.seen_at:%Y-%m-%d %H:%M}Z"
    return Configuration(router, source, platform, platform.read_model(found.text), lambda: found.text)


def from_file(path: Path, inventory: Inventory) -> Configuration:
    """A configuration in a file, of the router whose host name it has; Refused where it cannot be judged."""
    text = _text_of(path)
    platform = recognised(text)
    if not text.strip():
        raise Refused("it is empty", where=str(path), remedy="name a configuration")
    if platform is None:
        raise Refused("it is a configuration of no known platform", where=str(path), remedy="give it whole")
    if second := platform.begins_again(text):
        message = f"it holds two configurations: the second begins at line {second}"
        raise Refused(message, where=str(path), remedy="give each in a file of its own")
    name, whole = platform.hostname(text), platform.as_edited(text)
    try:
        router = inventory.router(name).router
        if router.platform != platform.name:
            said = f"it is a configuration of {platform.name}, and the inventory has {name} as {router.platform}"
            raise Refused(said, where=str(path), remedy="give it whole, or correct the router's platform")
        model = platform.read_model(whole, router.release)
    except UnknownName:
        said = f"the router {name!r}, which the inventory does not hold" if name else "no router: it has no host name"
        raise Refused(f"it is the configuration of {said}", where=str(path), remedy=_SHOW) from None
    except NotParsable as error:
        said = f"{error.where}: {error.message}" if error.where else error.message
        raise Refused(f"it cannot be read: {said}", where=str(path), remedy=error.remedy) from None
    fault = platform.is_complete(text) or ""
    if fault and not platform.is_complete(whole):
        fault = f"{fault}, as of a copy that was edited: it is judged as it stands, and never pushed or archived"
    return Configuration(name, f"file {path}", platform, model, lambda: whole, fault, str(path))


_SHOW = "spokesman inventory show lists the routers"


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise Refused(f"it has more than {LARGEST_FILE} bytes", where=str(path), remedy="name a configuration")
        encoding = "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
        return _as_written(data.decode(encoding))
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}", where=str(path), remedy="name a file") from None
    except UnicodeDecodeError:
        remedy = "name a configuration, saved as UTF-8"
        raise Refused("it is no text of UTF-8", where=str(path), remedy=remedy) from None


def _as_written(text: str) -> str:
    """What the router wrote, of a text that an editor's line ends or a terminal's pages and prompt may be in."""
    return _PROMPT.sub("", _LINE_END.sub("\n", _PAGED.sub("", text)))


def judged(app: App, site: str, files: Iterable[Path], *, intended: bool) -> Picture:
    """What ``spokesman verify`` judges: a site with what shares VPNs with it, else all; files in place of the rest."""
    given = [from_file(path, app.inventory) for path in files]
    doubled = [one for at, one in enumerate(given) if one.router in {other.router for other in given[:at]}]
    if doubled:
        raise Refused(f"two files are of {doubled[0].router}", where=doubled[0].source, remedy="name one of them")
    if site:
        asked = [app.inventory.site(site)]
    else:
        asked = [app.inventory.router(one.router) for one in given] or list(app.inventory.sites())
    views = [*together(app.inventory, asked)]
    rest = [view for view in views if view.router.name not in {one.router for one in given}]
    picture = from_inventory(app, rest) if intended else as_it_runs(app, rest)
    for one in given:
        picture.add(one)
    return picture
