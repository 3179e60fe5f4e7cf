"""The router's own program, as the one file that the day-zero text installs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

_PACKAGE = "spokesman_router"
_SHEBANG = b"#!/usr/bin/python3 -SE\n"
_ENTRY = f"import sys\n\nfrom {_PACKAGE}.main import main\n\nsys.exit(main(sys.argv[1:]))\n"


def onboard_program() -> bytes:
    """The program, executable by Debian 12's Python: the same bytes for the same sources."""
    folder = Path(__file__).parent / "router"
    sources = {f"{_PACKAGE}/{path.relative_to(folder)}": path.read_bytes() for path in folder.rglob("*.py")}
    archive = io.BytesIO()
    archive.write(_SHEBANG)
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in sorted({**sources, "__main__.py": _ENTRY.encode()}.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return archive.getvalue()
