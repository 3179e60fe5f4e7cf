"""A document that somebody edited is judged where it is asked for, and is no whole one anywhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from device_templates import NotParsable
from device_templates.linux_frr.platform import PLATFORM

TEXT = (Path(__file__).parents[3] / "golden/linux_frr/options/expected/acme-lee-r1.doc").read_text(encoding="utf-8")
EDITED = TEXT.replace("key = 10\n", "key = 12\n", 1)


def test_a_whole_document_is_its_own_copy() -> None:
    assert PLATFORM.as_edited(TEXT) == TEXT
    assert PLATFORM.begins_again(TEXT) == 0


@pytest.mark.parametrize("text", [EDITED, EDITED.rpartition("%% end")[0], EDITED.rstrip("\n")])
def test_an_edited_one_is_read_and_is_not_whole(text: str) -> None:
    with pytest.raises(NotParsable):
        PLATFORM.read_model(text)
    assert PLATFORM.is_complete(text)
    model = PLATFORM.read_model(PLATFORM.as_edited(text))
    assert [tunnel.key for _, tunnel in model.tunnels() if tunnel.network_id == 10] == [12]


def test_a_second_document_begins_where_it_does() -> None:
    assert PLATFORM.begins_again(TEXT + TEXT) == TEXT.count("\n") + 1
