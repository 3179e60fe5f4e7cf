"""The share of understood lines counts what it should."""

from __future__ import annotations

from pathlib import Path

from tests.bench.understood import share_of


def test_a_folder_of_configurations(tmp_path: Path) -> None:
    (tmp_path / "r1.txt").write_text("version 17.9\nhostname r1\ninterface A\n frobnicate now\nend\n")
    (tmp_path / "r2.cfg").write_text("version 15.7\r\ninterface A\r\nbanner login ^C\r\nno end\r\n")
    (tmp_path / "notes.md").write_text("interface A\n")
    share = share_of(tmp_path)
    assert (share.files, share.refused, share.lines, share.unread) == (1, 1, 4, 1)
    assert dict(share.heads) == {"frobnicate now": 1}
    assert share.row().endswith("| 75.0 % |")
