$ErrorActionPreference = 'Stop'
Import-Module Lync

# Dial-in conferencing [LY-2]
$conferencing = Get-CsConferencingPolicy -Identity 'Global'
if ($conferencing.EnableDialInConferencing -ne $true) {
    Set-CsConferencingPolicy -Identity 'Global' -EnableDialInConferencing $true
}
$plans = @(Get-CsDialPlan | Where-Object { $_.SimpleName -eq 'spokesman-fe-pool-1' })
if ($plans.Count -eq 0) {
    New-CsDialPlan -Identity 'spokesman-fe-pool-1' -SimpleName 'spokesman-fe-pool-1' -DialinConferencingRegion 'King''s Cross' | Out-Null
}
foreach ($plan in $plans) {
    if ($plan.DialinConferencingRegion -cne 'King''s Cross') {
        Set-CsDialPlan -Identity 'spokesman-fe-pool-1' -DialinConferencingRegion 'King''s Cross'
    }
}
$numbers = @(Get-CsDialInConferencingAccessNumber | Where-Object { $_.PrimaryUri -eq 'sip:spokesman-fe-pool-1-442079460002@acme.example' })
if ($numbers.Count -eq 0) {
    New-CsDialInConferencingAccessNumber -PrimaryUri 'sip:spokesman-fe-pool-1-442079460002@acme.example' -DisplayNumber '+442079460002' -DisplayName 'spokesman-fe-pool-1' -LineUri 'tel:+442079460002' -Pool 'pool.acme.example' -PrimaryLanguage 'en-GB' -Regions @('King''s Cross') | Out-Null
}
foreach ($number in $numbers) {
    if (($number.DisplayNumber -cne '+442079460002') -or ($number.LineUri -cne 'tel:+442079460002') -or (($number.Regions -join ',') -cne (@('King''s Cross') -join ','))) {
        Set-CsDialInConferencingAccessNumber -Identity 'sip:spokesman-fe-pool-1-442079460002@acme.example' -DisplayNumber '+442079460002' -LineUri 'tel:+442079460002' -Regions @('King''s Cross')
    }
}
foreach ($number in @(Get-CsDialInConferencingAccessNumber | Where-Object { $_.PrimaryUri -eq 'sip:spokesman-fe-pool-1-442079460001@acme.example' })) {
    Remove-CsDialInConferencingAccessNumber -Identity 'sip:spokesman-fe-pool-1-442079460001@acme.example'
}

# Federation [LY-2]
foreach ($domain in @(Get-CsAllowedDomain | Where-Object { $_.Domain -eq 'gone.example' })) {
    Remove-CsAllowedDomain -Identity 'gone.example'
}

'spokesman: done'
