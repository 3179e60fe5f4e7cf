"""The operator's partials: they replace ours, and whatever is wrong with one is told with file, line and variable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from device_templates import Rendered, TemplateError
from device_templates.cisco_iosxe.rendering.render import render
from inventory import Inventory, Secret

Render = Callable[..., Rendered]


@pytest.fixture
def override(inventory: Inventory, secret: Callable[[str], Secret], tmp_path: Path) -> Render:
    """Renders Leeds with one partial replaced."""

    def run(source: str | bytes, name: str = "banner.j2") -> Rendered:
        folder = tmp_path / "cisco_iosxe"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(source if isinstance(source, bytes) else source.encode())
        return render(inventory, inventory.site("leeds"), secret, tmp_path)

    return run


def test_an_override_replaces_a_partial(override: Render) -> None:
    rendered = override("banner login ^C\nHello {{ router.name }}\n^C\n")
    assert "\nbanner login \x03\nHello acme-lee-r1\n\x03\n" in rendered.text
    assert "Authorised access only" not in rendered.text
    (line,) = [line for line in rendered.lines if line.text.startswith("Hello")]
    assert line.partial == "templates/cisco_iosxe/banner.j2"


def test_a_partial_of_a_vpn_sees_its_vpn(override: Render) -> None:
    rendered = override("vrf definition {{ vpn.vrf }}\n rd {{ vpn.asn }}:{{ vpn.id }}\n", "vpn_vrf.j2")
    assert "vrf definition CCTV\n rd 65020:20\n" in rendered.text


@pytest.mark.parametrize(
    ("source", "line", "variable"),
    [
        ("hostname x\n{{ hostnam }}\n", 2, "hostnam"),
        ("{{ router.nam }}\n", 1, "nam"),
        ("!\n!\n{% for x in nets %}{% endfor %}\n", 3, "nets"),
        ("{% if centre.ntp_servers %}x{% endif %}", 1, "ntp_servers"),
        ("{{ centre.ntp[7].x }}", 1, "7"),
    ],
)
def test_an_undefined_variable_is_told_with_its_line(override: Render, source: str, line: int, variable: str) -> None:
    with pytest.raises(TemplateError) as error:
        override(source)
    assert (error.value.template, error.value.line) == ("templates/cisco_iosxe/banner.j2", line)
    assert variable in error.value.variable + error.value.message


@pytest.mark.parametrize(
    "source", ["!\n{% if %}\n", "!\n{{ router.name\n", "!\n{% endfor %}\n", "!\n{% frobnicate %}\n"]
)
def test_a_syntax_error_is_told_with_its_line(override: Render, source: str) -> None:
    with pytest.raises(TemplateError, match=r"banner\.j2:[23]: syntax"):
        override(source)


@pytest.mark.parametrize("name", ["bannner.j2", "README.md", "banner.j2.orig", "banner"])
def test_a_file_that_overrides_nothing_is_an_error(override: Render, name: str) -> None:
    with pytest.raises(TemplateError, match="there is no such partial"):
        override("!\n", name)


def test_files_of_editors_are_let_be(override: Render) -> None:
    assert override("broken {{", ".banner.j2.swp").text


HOSTILE = {
    "a long loop": "{% for a in 'x' * 3 %}{% endfor %}",
    "loops in loops": "{% for a in centre.contact %}{% for b in centre.contact %}{% for c in centre.contact %}"
    "{% for d in centre.contact %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}",
    "a huge text": "{% for a in centre.contact %}{% for b in centre.contact %}{% for c in centre.contact %}"
    + "x" * 3000
    + "{% endfor %}{% endfor %}{% endfor %}",
    "a text that doubles": "{% set a = centre.contact %}" + "{% set a = a ~ a ~ a ~ a %}" * 40 + "{{ a }}",
    "a text that doubles by adding": "{% set a = centre.contact %}" + "{% set a = a + a %}" * 60 + "{{ a }}",
    "a macro that calls itself": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "power": "{{ 9 ** 9 ** 9 }}",
    "formatting": "{{ '%999999999d' % 1 }}",
    "range": "{% for a in range(9) %}{% endfor %}",
    "the class": "{{ router.__class__ }}",
    "the class's family": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a string's format": "{{ '{0.__class__}'.format(router) }}",
    "the globals of a macro": "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "the loop's insides": "{% for a in centre.ntp %}{{ loop._iterator }}{% endfor %}",
    "the context itself": "{{ self._TemplateReference__context }}",
    "including a file": "{% include '/etc/passwd' %}",
    "importing a file": "{% import '/etc/passwd' as x %}",
    "inheriting a file": "{% extends '/etc/passwd' %}",
    "an odd filter": "{{ centre.contact | attr('__class__') }}",
    "a filter that pads": "{{ centre.contact | center(999999999) }}",
    "a wide repeat": "{{ [1] * 999999999 }}",
    "dividing by zero": "{{ 1 // 0 }}",
    "adding what does not add": "{{ 1 + centre.contact }}",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.timeout(20)
def test_a_hostile_partial_is_contained(override: Render, source: str) -> None:
    with pytest.raises(TemplateError) as error:
        override(source)
    assert error.value.template == "templates/cisco_iosxe/banner.j2"


@pytest.mark.parametrize(
    "text", ["line\x1b[2J", "tab\there", "bell\x07", "é", "a\x0bhostname evil", "a\x85no aaa new-model", "x\u2028y"]
)
def test_lines_are_printable_ascii(override: Render, text: str) -> None:
    with pytest.raises(TemplateError, match="not printable ASCII"):
        override(text)


def test_a_partial_does_not_end_the_configuration(override: Render) -> None:
    with pytest.raises(TemplateError, match="ends the configuration"):
        override("hostname x\nend\n")


def test_a_file_that_is_not_text_is_told(override: Render) -> None:
    with pytest.raises(TemplateError, match="not UTF-8"):
        override(b"\xff\xfe")


def test_a_partial_that_is_a_folder_is_told(
    inventory: Inventory, secret: Callable[[str], Secret], tmp_path: Path
) -> None:
    (tmp_path / "cisco_iosxe" / "banner.j2").mkdir(parents=True)
    with pytest.raises(TemplateError, match="cannot be read"):
        render(inventory, inventory.site("leeds"), secret, tmp_path)


def test_errors_show_no_secret(override: Render) -> None:
    with pytest.raises(TemplateError) as error:
        override("{{ centre.psk.nothing }}")
    assert "Planted" not in str(error.value)
    with pytest.raises(TemplateError) as error:
        override("{{ 1 + centre.psk }}")
    assert "Planted" not in str(error.value)
    with pytest.raises(TemplateError) as error:
        override("{{ centre.psk | int + centre.nothing }}")
    assert "Planted" not in str(error.value)
