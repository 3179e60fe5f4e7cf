"""The codec's two forms, plain and compiled, say the same of the same octets; the compiled one is of this source."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectors.codec
from collectors.codec import answer, ber
from collectors.codec.pdu import Request
from collectors.errors import MalformedMessage
from tests.unit.collectors.test_codec import OID, VALUE, response

FOLDER = Path(collectors.codec.__file__).parent
COLLECTORS = FOLDER.parent
DECLARED = sorted(COLLECTORS.rglob("*.pxd"))
PARTS = ("ber", "values", "answer")


def plain(part: str) -> ModuleType:
    """A module of the codec from its source, whatever is compiled."""
    spec = importlib.util.spec_from_file_location(f"collectors.codec.{part}", FOLDER / f"{part}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    setattr(collectors.codec, part, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def forms() -> tuple[Any, Any, Any, Any]:
    """Plain and installed: ber and answer of each."""
    installed = {part: sys.modules[f"collectors.codec.{part}"] for part in PARTS}
    try:
        found = {part: plain(part) for part in PARTS}
    finally:
        for part, module in installed.items():
            sys.modules[module.__name__] = module
            setattr(collectors.codec, part, module)
    return found["ber"], found["answer"], ber, answer


def said(read: Any, *arguments: Any) -> Any:
    """What a function says, or that it refuses."""
    try:
        found = read(*arguments)
    except MalformedMessage as error:
        return str(error)
    if hasattr(found, "kinds"):
        return bytes(found.kinds), list(found.values), found.names, found.error_status, found.error_index
    return found


def variables(rows: list[tuple[Any, tuple[Any, Any]]]) -> bytes:
    """The variables of pysnmp's response with ``rows``."""
    whole = response(7, [(name, theirs) for name, (theirs, _) in rows])
    at, end = ber.expect(whole, 0, len(whole), 0xA2)
    for _ in range(3):
        _, at = ber.read_integer(whole, at, end)
    start, stop = ber.expect(whole, at, end, ber.SEQUENCE)
    return whole[start:stop]


@given(st.lists(st.tuples(OID, VALUE), min_size=1, max_size=5), st.booleans(), st.data())
def test_both_forms_read_the_same_of_whole_and_of_damaged_answers(
    forms: tuple[Any, Any, Any, Any], rows: list[tuple[Any, tuple[Any, Any]]], known: bool, data: st.DataObject
) -> None:
    plain_ber, plain_answer, our_ber, our_answer = forms
    names = Request(tuple(name for name, _ in rows)).names if known else ()
    octets = bytearray(variables(rows))
    for _ in range(data.draw(st.integers(0, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(len(octets) - 2, len(octets)))
    damaged = bytes(octets)
    assert said(plain_answer.read, damaged, 0, end, 0, 0, names) == said(our_answer.read, damaged, 0, end, 0, 0, names)
    for reader in ("header", "read_integer", "read_octets"):
        assert said(getattr(plain_ber, reader), damaged, 0, end) == said(getattr(our_ber, reader), damaged, 0, end)


@given(st.binary(max_size=60), st.integers(0, 60))
def test_both_forms_say_the_same_of_noise(forms: tuple[Any, Any, Any, Any], noise: bytes, at: int) -> None:
    plain_ber, plain_answer, our_ber, our_answer = forms
    end = len(noise)
    start = min(at, end)
    for names in ((), (b"\x06\x01\x2b",), (b"",)):
        theirs = said(plain_answer.read, noise, start, end, 0, 0, names)
        assert theirs == said(our_answer.read, noise, start, end, 0, 0, names)
    for content in (noise[:9], noise):
        for read in ("signed", "object_id"):
            assert said(getattr(plain_ber, read), content) == said(getattr(our_ber, read), content)
        for octets in (4, 8):
            assert said(plain_ber.unsigned, content, octets) == said(our_ber.unsigned, content, octets)


@given(st.integers(0, 2**31 - 1), st.binary(max_size=300), OID)
def test_both_forms_write_the_same(forms: tuple[Any, Any, Any, Any], number: int, content: bytes, oid: Any) -> None:
    plain_ber, _, our_ber, _ = forms
    assert plain_ber.integer(number) == our_ber.integer(number)
    assert plain_ber.field(4, content) == our_ber.field(4, content)
    assert plain_ber.opening(0x30, number) == our_ber.opening(0x30, number)
    assert plain_ber.oid_field(oid) == our_ber.oid_field(oid)


@pytest.mark.parametrize("declared", DECLARED, ids=lambda path: path.stem)
def test_what_is_compiled_is_of_this_source(declared: Path) -> None:
    compiled = list(declared.parent.glob(f"{declared.stem}.*.so"))
    for path in compiled:
        sources = (declared, declared.with_suffix(".py"))
        late = [source.name for source in sources if source.stat().st_mtime > path.stat().st_mtime]
        assert not late, f"{path.name} is older than {late}: run `make install`"
    could = shutil.which("cc") and importlib.util.find_spec("Cython") and (COLLECTORS.parent / ".venv").exists()
    assert compiled or not could, f"a compiler is there and {declared.stem} is not compiled: run `make install`"


def test_nothing_is_compiled_of_what_has_no_source() -> None:
    compiled = {path.with_name(path.name.split(".")[0] + ".pxd") for path in COLLECTORS.rglob("*.so")}
    assert compiled <= set(DECLARED), "a compiled module has lost its declarations: run `make install`"
