"""The WinRM stub is strict: what it does not know fails as PowerShell would fail, and its objects behave."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.lab.winrm.catalogue import catalogue
from agent.lab.winrm.deployment import Deployment
from agent.lab.winrm.errors import PowerShellError
from agent.lab.winrm.reader import read
from agent.lab.winrm.runner import Runspace, Thing

HEAD = "$ErrorActionPreference = 'Stop'\nImport-Module Lync\n"


def _run(script: str, release: str = "2013", deployment: Deployment | None = None) -> list[Any]:
    return list(Runspace(deployment or Deployment(release, ("pool.acme.example",))).script(HEAD + script))


@pytest.mark.parametrize(
    ("script", "identifier"),
    [
        ("Get-CsServerPatchVersion", "CommandNotFoundException"),
        ("Invoke-CsComputerFailOver", "CommandNotFoundException"),
        ("ConvertTo-Json", "CommandNotFoundException"),
        ("Remove-Item -Path 'C:\\nothing'", "PathNotFound"),
        ("Set-CsVoicePolicy -Identity 'Global' -Colour 'red'", "NamedParameterNotFound"),
        ("Set-CsVoicePolicy -Ident 'Global'", "NamedParameterNotFound"),
        ("Set-CsVoicePolicy -Identity 'Global' -EnableTeamCall 'yes'", "CannotConvertArgument"),
        ("Set-CsArchivingConfiguration -Identity 'Global' -EnableArchiving 'All'", "CannotConvertArgument"),
        ("New-CsPublicProvider -Identity 'X'", "MissingMandatoryParameter"),
        ("Set-CsAccessEdgeConfiguration -Identity 'Global' -EnablePartnerDiscovery $true", "AmbiguousParameterSet"),
        ("New-CsAllowedDomain -Identity 'a.b' -Domain 'a.b'", "AmbiguousParameterSet"),
        ("Remove-CsAllowedDomain -Identity 'none.example'", "ObjectNotFound"),
        ("New-CsAllowedDomain -Identity 'a.b' | Out-Null\nNew-CsAllowedDomain -Identity 'A.B'", "DuplicateItem"),
        ("Get-CsVoicePolicy -Identity 'Nowhere'", "ObjectNotFound"),
        ("Import-CsConfiguration -FileName 'C:\\none.zip'", "PathNotFound"),
        ("Import-Module Exchange", "Modules_ModuleNotFound"),
        ("Get-CsVoicePolicy 'Global'", "PositionalParameterNotFound"),
    ],
)
def test_what_powershell_would_refuse_is_refused(script: str, identifier: str) -> None:
    with pytest.raises(PowerShellError) as refused:
        _run(script)
    assert refused.value.identifier.startswith(identifier)


@pytest.mark.parametrize(
    "script",
    [
        'Set-CsVoicePolicy -Identity "Global"',
        "Get-CsVoicePolicy; }",
        "if ($true) { Get-CsVoicePolicy",
        "$x = 'open",
        "& 'Get-CsVoicePolicy'",
        "Get-CsVoicePolicy | % { $_ }",
        "[System.IO.File]::ReadAllBytes('x')",
        "$x.Method()",
        "foreach $x in $y { }",
        "if ($a -eq $b -eq $c) { }",
        "Get-CsVoicePolicy `\n -Identity 'Global'",
        "$(Get-CsVoicePolicy)",
        "while ($true) { }",
        "function f { }",
    ],
)
def test_what_is_not_known_of_the_language_runs_nothing(script: str) -> None:
    deployment = Deployment("2013", ("pool.acme.example",))
    with pytest.raises(PowerShellError):
        _run(f"Set-CsVoicePolicy -Identity 'Global' -EnableTeamCall $true\n{script}", deployment=deployment)
    if deployment.changes:  # the language was known, and what is not was met when it ran
        assert read(HEAD + script)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text)
    except PowerShellError as error:
        refused = error
    else:
        return
    assert refused.fatal


def test_cmdlets_need_the_module() -> None:
    with pytest.raises(PowerShellError, match="not recognized"):
        list(Runspace(Deployment("2010", ("p.example",))).script("$ErrorActionPreference = 'Stop'\nGet-CsPool"))


def test_without_the_preference_an_error_is_a_record_and_the_script_goes_on() -> None:
    runspace = Runspace(Deployment("2010", ("p.example",)))
    assert list(runspace.script("Import-Module Lync\nGet-CsNothing\n'after'")) == ["after"]
    assert [error.identifier for error in runspace.errors] == ["CommandNotFoundException"]


def test_a_loop_over_nothing_runs_once_and_over_an_empty_array_never() -> None:
    """PowerShell 2 runs the body once for $null; ``@( )`` stays an array when it is kept."""
    assert _run("foreach ($x in $none) { 'once' }") == ["once"]
    assert _run("$all = @(Get-CsAllowedDomain)\nforeach ($x in $all) { 'never' }\n$all.Count") == [0]


def test_2013_knows_more_than_2010() -> None:
    older, newer = catalogue("2010").cmdlets, catalogue("2013").cmdlets
    assert set(newer) - set(older) == {"Export-CsRgsConfiguration", "Import-CsRgsConfiguration"}
    assert {name for name in older if set(older[name]) - set(newer[name])} == set()
    assert "AllowMultiView" in set(newer["Set-CsConferencingPolicy"]) - set(older["Set-CsConferencingPolicy"])


def test_an_export_holds_the_state_and_an_import_brings_it_back() -> None:
    deployment = Deployment("2013", ("pool.acme.example",))
    deployment("New-CsAllowedDomain", {"Identity": "a.example"})
    deployment("New-CsDialPlan", {"Identity": "x", "DialinConferencingRegion": "London"})
    (data,) = deployment("Export-CsConfiguration", {"AsBytes": True})
    deployment("Remove-CsAllowedDomain", {"Identity": "a.example"})
    deployment("Import-CsConfiguration", {"ByteInput": data, "Force": True})
    assert [one.get("Identity") for one in deployment("Get-CsAllowedDomain", {}) if isinstance(one, Thing)] == [
        "a.example"
    ]
    with pytest.raises(PowerShellError, match="not a valid"):
        deployment("Import-CsConfiguration", {"ByteInput": b"PK nonsense"})
