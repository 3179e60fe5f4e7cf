"""What the stub's PowerShell refuses, with the identifiers that PowerShell uses."""

from __future__ import annotations


class PowerShellError(Exception):
    """An error record: ``identifier`` begins a FullyQualifiedErrorId; a ``fatal`` one always ends the pipeline."""

    def __init__(self, message: str, identifier: str, *, fatal: bool = False) -> None:
        self.message = message
        self.identifier = identifier
        self.fatal = fatal
        super().__init__(message)


def parse_error(message: str, line: int) -> PowerShellError:
    """What PowerShell would not read, and what this stub does not know: nothing of a script is run then."""
    return PowerShellError(f"line {line}: {message}", "ParseException", fatal=True)
