$ErrorActionPreference = 'Stop'
Import-Module Lync

foreach ($found in @(Get-CsDialPlan | Where-Object { $_.SimpleName -eq 'spokesman-fe-pool-1' })) {
    if ($found.DialinConferencingRegion -cne 'Paddington') {
        Set-CsDialPlan -Identity 'spokesman-fe-pool-1' -DialinConferencingRegion 'Paddington'
    }
}
$found = @(Get-CsDialInConferencingAccessNumber | Where-Object { $_.PrimaryUri -eq 'sip:spokesman-fe-pool-1-442079460001@acme.example' })
if ($found.Count -eq 0) {
    New-CsDialInConferencingAccessNumber -PrimaryUri 'sip:spokesman-fe-pool-1-442079460001@acme.example' -DisplayNumber '+442079460001' -DisplayName 'spokesman-fe-pool-1' -LineUri 'tel:+442079460001' -Pool 'pool.acme.example' -PrimaryLanguage 'en-GB' -Regions @('Paddington') | Out-Null
}
$found = @(Get-CsAllowedDomain | Where-Object { $_.Identity -eq 'gone.example' })
if ($found.Count -eq 0) {
    New-CsAllowedDomain -Identity 'gone.example' -Comment 'spokesman-fe-pool-1' | Out-Null
}
foreach ($found in @(Get-CsDialInConferencingAccessNumber | Where-Object { $_.PrimaryUri -eq 'sip:spokesman-fe-pool-1-442079460002@acme.example' })) {
    Remove-CsDialInConferencingAccessNumber -Identity 'sip:spokesman-fe-pool-1-442079460002@acme.example'
}

'spokesman: done'
