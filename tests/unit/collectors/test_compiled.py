"""The codec's two forms, plain and compiled, say the same of the same octets; the compiled one is of this source."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import sys
from collections.abc import Sequence
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectors
from collectors.codec import ber
from collectors.codec.pdu import Request
from collectors.errors import MalformedMessage
from tests.unit.collectors.test_codec import OID, VALUE, response
from tests.unit.collectors.test_v3_session import REQUEST, USER, Clock, Device, pdu_bytes

COLLECTORS = Path(collectors.__file__).parent
#: What is compiled of plain sources, and what has no other source: primitives.py does without it.
DECLARED = sorted(COLLECTORS.rglob("*.pxd"))
ALONE = sorted(COLLECTORS.rglob("*.pyx"))

PACKAGES = ("codec", "security")
MODULES = ("codec.ber", "codec.answer", "codec.pdu", "security.primitives", "security.usm", "security.v2c",
           "security.v3", "security.v3message")  # fmt: skip


class Sources:
    """Finds modules of ``PACKAGES`` as their sources, and what has none not at all, whatever is compiled."""

    def find_spec(self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if path is None or not name.startswith(tuple(f"collectors.{package}" for package in PACKAGES)):
            return None
        found = FileFinder(path[0], (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(name)
        if found is None:
            raise ModuleNotFoundError(name)
        return found


def loaded() -> dict[str, ModuleType]:
    """The modules of ``PACKAGES`` that are imported."""
    of_ours = tuple(f"collectors.{package}" for package in PACKAGES)
    return {name: module for name, module in sys.modules.items() if name.startswith(of_ours)}


def modules() -> SimpleNamespace:
    """``MODULES`` by their last names."""
    found = {name.rsplit(".", 1)[1]: importlib.import_module(f"collectors.{name}") for name in MODULES}
    return SimpleNamespace(**found)


@pytest.fixture(scope="module")
def forms() -> tuple[Any, Any]:
    """The modules as they are installed, and plain."""
    installed, before, finder = modules(), loaded(), Sources()
    for name in before:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        return installed, modules()
    finally:
        sys.meta_path.remove(finder)
        for name in loaded():
            del sys.modules[name]
        sys.modules.update(before)
        for package in PACKAGES:
            setattr(collectors, package, before[f"collectors.{package}"])


def said(read: Any, *arguments: Any) -> Any:
    """What a function says, or that it refuses."""
    try:
        found = read(*arguments)
    except MalformedMessage as error:
        return str(error)
    if hasattr(found, "kinds"):
        return bytes(found.kinds), list(found.values), found.names, found.error_status, found.error_index
    if hasattr(found, "__slots__") and not isinstance(found, tuple):
        return {name: getattr(found, name) for name in found.__slots__ if not name.startswith("_")}
    return tuple(found) if isinstance(found, tuple) else found


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
    forms: tuple[Any, Any], rows: list[tuple[Any, tuple[Any, Any]]], known: bool, data: st.DataObject
) -> None:
    ours, plain = forms
    names = Request.of(tuple(name for name, _ in rows)).names if known else ()
    octets = bytearray(variables(rows))
    for _ in range(data.draw(st.integers(0, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(len(octets) - 2, len(octets)))
    damaged = bytes(octets)
    arguments = (damaged, 0, end, 0, 0, names)
    assert said(plain.answer.read, *arguments) == said(ours.answer.read, *arguments)
    for reader in ("header", "read_integer", "read_octets"):
        assert said(getattr(plain.ber, reader), damaged, 0, end) == said(getattr(ours.ber, reader), damaged, 0, end)


@given(st.binary(max_size=60), st.integers(0, 60))
def test_both_forms_say_the_same_of_noise(forms: tuple[Any, Any], noise: bytes, at: int) -> None:
    ours, plain = forms
    end = len(noise)
    start = min(at, end)
    for names in ((), (b"\x06\x01\x2b",), (b"",)):
        arguments = (noise, start, end, 0, 0, names)
        assert said(plain.answer.read, *arguments) == said(ours.answer.read, *arguments)
    for content in (noise[:9], noise):
        for read in ("signed", "object_id"):
            assert said(getattr(plain.ber, read), content) == said(getattr(ours.ber, read), content)
        for octets in (4, 8):
            assert said(plain.ber.unsigned, content, octets) == said(ours.ber.unsigned, content, octets)
    integer = ber.field(ber.INTEGER, noise[:5])
    assert said(plain.ber.read_integer, integer, 0, len(integer)) == said(
        ours.ber.read_integer, integer, 0, len(integer)
    )
    assert plain.ber.number(noise, start, min(start + 8, end)) == ours.ber.number(noise, start, min(start + 8, end))
    assert said(plain.pdu.head, noise, start, end) == said(ours.pdu.head, noise, start, end)


@given(st.integers(0, 2**31 - 1), st.binary(max_size=300), OID)
def test_both_forms_write_the_same(forms: tuple[Any, Any], number: int, content: bytes, oid: Any) -> None:
    ours, plain = forms
    assert plain.ber.integer(number) == ours.ber.integer(number)
    assert plain.ber.field(4, content) == ours.ber.field(4, content)
    assert plain.ber.opening(0x30, number) == ours.ber.opening(0x30, number)
    assert plain.ber.oid_field(oid) == ours.ber.oid_field(oid)


def met(form: Any) -> Any:
    """A session of ``form`` that has had an authentic answer."""
    session = form.v3.V3Session(USER, form.usm.KeyChain(0), Clock())
    probe = session.seal(REQUEST, 11)
    session.judge(Device().discovered(probe), probe)
    sent = session.seal(REQUEST, 12)
    session.judge(Device().response(sent), sent)
    return session


@given(st.integers(0, 2**31 - 1), st.data())
def test_both_forms_judge_the_same_of_true_and_of_damaged_messages(
    forms: tuple[Any, Any], identifier: int, data: st.DataObject
) -> None:
    ours, plain = forms
    session, other = met(ours), met(plain)
    sent, theirs = session.seal(REQUEST, identifier), other.seal(REQUEST, identifier)
    assert sent.datagram == theirs.datagram
    body = pdu_bytes(ours.pdu.Kind.RESPONSE, identifier, REQUEST.oids[0], b"\x04\x02ok")
    octets = bytearray(Device().sealed(identifier, body))
    for _ in range(data.draw(st.integers(0, 2))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(octets[: data.draw(st.sampled_from((len(octets), len(octets) - 1)))])
    assert said(plain.v3message.V3Message, damaged) == said(ours.v3message.V3Message, damaged)
    assert said(other.judge, damaged, theirs) == said(session.judge, damaged, sent)


@given(st.binary(max_size=300), st.sampled_from((16, 24, 32)), st.data())
def test_both_forms_of_cipher_and_code_do_the_same(forms: tuple[Any, Any], text: bytes, size: int, data: Any) -> None:
    ours, plain = (form.primitives for form in forms)
    key, iv = data.draw(st.binary(min_size=size, max_size=size)), data.draw(st.binary(min_size=16, max_size=16))
    secret = ours.cfb(key, iv, text, True)
    assert secret == plain.cfb(key, iv, text, True)
    assert ours.cfb(key, iv, secret, False) == plain.cfb(key, iv, secret, False) == text
    for name, octets in (("sha1", 20), ("sha224", 28), ("sha256", 32), ("sha384", 48), ("sha512", 64), ("md5", 16)):
        assert ours.digest(key[:octets], text, name) == plain.digest(key[:octets], text, name)


def test_a_key_or_vector_of_a_wrong_length_is_refused_by_both(forms: tuple[Any, Any]) -> None:
    for form in forms:
        for key, iv in ((bytes(15), bytes(16)), (b"", bytes(16)), (bytes(16), bytes(15)), (bytes(16), bytes(17))):
            with pytest.raises(ValueError, match=r"octets|key size|IV|nonce"):
                form.primitives.cfb(key, iv, b"text", True)


@pytest.mark.parametrize("declared", DECLARED + ALONE, ids=lambda path: path.stem)
def test_what_is_compiled_is_of_this_source(declared: Path) -> None:
    compiled = list(declared.parent.glob(f"{declared.stem}.*.so"))
    for path in compiled:
        sources = {declared, declared.with_suffix(".py") if declared in DECLARED else declared}
        late = [source.name for source in sources if source.stat().st_mtime > path.stat().st_mtime]
        assert not late, f"{path.name} is older than {late}: run `make install`"
    could = shutil.which("cc") and importlib.util.find_spec("Cython") and (COLLECTORS.parent / ".venv").exists()
    optional = declared in ALONE and not Path("/usr/include/openssl/evp.h").exists()
    assert compiled or optional or not could, (
        f"a compiler is there, {declared.stem} is not compiled: run `make install`"
    )


def test_nothing_is_compiled_of_what_has_no_source() -> None:
    compiled = {path.with_name(path.name.split(".")[0]) for path in COLLECTORS.rglob("*.so")}
    assert compiled <= {path.with_suffix("") for path in DECLARED + ALONE}, (
        "a compiled module has lost its declarations: run `make install`"
    )
