$ErrorActionPreference = 'Stop'
Import-Module Lync

# External access [LY-2]
$edge = Get-CsAccessEdgeConfiguration
if ($edge.AllowOutsideUsers -ne $true) {
    Set-CsAccessEdgeConfiguration -Identity 'Global' -AllowOutsideUsers $true
}
$external = Get-CsExternalAccessPolicy -Identity 'Global'
if ($external.EnableOutsideAccess -ne $true) {
    Set-CsExternalAccessPolicy -Identity 'Global' -EnableOutsideAccess $true
}

# Enterprise Voice [LY-2]
$voice = Get-CsVoicePolicy -Identity 'Global'
if ($voice.AllowCallForwarding -ne $true) {
    Set-CsVoicePolicy -Identity 'Global' -AllowCallForwarding $true
}
if ($voice.AllowSimulRing -ne $true) {
    Set-CsVoicePolicy -Identity 'Global' -AllowSimulRing $true
}
if ($voice.EnableCallTransfer -ne $true) {
    Set-CsVoicePolicy -Identity 'Global' -EnableCallTransfer $true
}
if ($voice.EnableDelegation -ne $true) {
    Set-CsVoicePolicy -Identity 'Global' -EnableDelegation $true
}
if ($voice.EnableTeamCall -ne $true) {
    Set-CsVoicePolicy -Identity 'Global' -EnableTeamCall $true
}

# Exchange unified messaging [LY-2]
$contacts = @(Get-CsExUmContact | Where-Object { $_.SipAddress -eq 'sip:um@acme.example' })
if ($contacts.Count -eq 0) {
    New-CsExUmContact -SipAddress 'sip:um@acme.example' -RegistrarPool 'pool.acme.example' -OU 'OU=Lync,DC=acme,DC=example' -DisplayNumber '+442079460100' -AutoAttendant $false | Out-Null
}
foreach ($contact in $contacts) {
    if (($contact.DisplayNumber -cne '+442079460100') -or ($contact.AutoAttendant -ne $false)) {
        Set-CsExUmContact -Identity 'sip:um@acme.example' -DisplayNumber '+442079460100' -AutoAttendant $false
    }
}
$contacts = @(Get-CsExUmContact | Where-Object { $_.SipAddress -eq 'sip:reception@acme.example' })
if ($contacts.Count -eq 0) {
    New-CsExUmContact -SipAddress 'sip:reception@acme.example' -RegistrarPool 'pool.acme.example' -OU 'OU=Lync''s own,DC=acme,DC=example' -DisplayNumber '+442079460101' -AutoAttendant $true | Out-Null
}
foreach ($contact in $contacts) {
    if (($contact.DisplayNumber -cne '+442079460101') -or ($contact.AutoAttendant -ne $true)) {
        Set-CsExUmContact -Identity 'sip:reception@acme.example' -DisplayNumber '+442079460101' -AutoAttendant $true
    }
}

# A/V conferencing [LY-2]
$conferencing = Get-CsConferencingPolicy -Identity 'Global'
if ($conferencing.AllowIPAudio -ne $true) {
    Set-CsConferencingPolicy -Identity 'Global' -AllowIPAudio $true
}
if ($conferencing.AllowIPVideo -ne $true) {
    Set-CsConferencingPolicy -Identity 'Global' -AllowIPVideo $true
}
if ($conferencing.EnableP2PVideo -ne $true) {
    Set-CsConferencingPolicy -Identity 'Global' -EnableP2PVideo $true
}
if ($conferencing.AllowMultiView -ne $true) {
    Set-CsConferencingPolicy -Identity 'Global' -AllowMultiView $true
}

# Web conferencing [LY-2]
$conferencing = Get-CsConferencingPolicy -Identity 'Global'
if ($conferencing.EnableDataCollaboration -ne $true) {
    Set-CsConferencingPolicy -Identity 'Global' -EnableDataCollaboration $true
}
if ($conferencing.EnableAppDesktopSharing -ne 'Desktop') {
    Set-CsConferencingPolicy -Identity 'Global' -EnableAppDesktopSharing 'Desktop'
}
if ($conferencing.AllowPolls -ne $true) {
    Set-CsConferencingPolicy -Identity 'Global' -AllowPolls $true
}
if ($conferencing.AllowSharedNotes -ne $true) {
    Set-CsConferencingPolicy -Identity 'Global' -AllowSharedNotes $true
}

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
$numbers = @(Get-CsDialInConferencingAccessNumber | Where-Object { $_.PrimaryUri -eq 'sip:spokesman-fe-pool-1-442079460001@acme.example' })
if ($numbers.Count -eq 0) {
    New-CsDialInConferencingAccessNumber -PrimaryUri 'sip:spokesman-fe-pool-1-442079460001@acme.example' -DisplayNumber '+442079460001' -DisplayName 'spokesman-fe-pool-1' -LineUri 'tel:+442079460001' -Pool 'pool.acme.example' -PrimaryLanguage 'en-GB' -Regions @('King''s Cross') | Out-Null
}
foreach ($number in $numbers) {
    if (($number.DisplayNumber -cne '+442079460001') -or ($number.LineUri -cne 'tel:+442079460001') -or (($number.Regions -join ',') -cne (@('King''s Cross') -join ','))) {
        Set-CsDialInConferencingAccessNumber -Identity 'sip:spokesman-fe-pool-1-442079460001@acme.example' -DisplayNumber '+442079460001' -LineUri 'tel:+442079460001' -Regions @('King''s Cross')
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

# Federation [LY-2]
$edge = Get-CsAccessEdgeConfiguration
if ($edge.AllowFederatedUsers -ne $true) {
    Set-CsAccessEdgeConfiguration -Identity 'Global' -AllowFederatedUsers $true
}
$external = Get-CsExternalAccessPolicy -Identity 'Global'
if ($external.EnableFederationAccess -ne $true) {
    Set-CsExternalAccessPolicy -Identity 'Global' -EnableFederationAccess $true
}
$domains = @(Get-CsAllowedDomain | Where-Object { $_.Domain -eq 'partner.example' })
if ($domains.Count -eq 0) {
    New-CsAllowedDomain -Identity 'partner.example' -Comment 'spokesman-fe-pool-1' | Out-Null
}
$domains = @(Get-CsAllowedDomain | Where-Object { $_.Domain -eq 'other.example' })
if ($domains.Count -eq 0) {
    New-CsAllowedDomain -Identity 'other.example' -Comment 'spokesman-fe-pool-1' | Out-Null
}

# Public IM [LY-2]
$edge = Get-CsAccessEdgeConfiguration
if ($edge.AllowFederatedUsers -ne $true) {
    Set-CsAccessEdgeConfiguration -Identity 'Global' -AllowFederatedUsers $true
}
$external = Get-CsExternalAccessPolicy -Identity 'Global'
if ($external.EnablePublicCloudAccess -ne $true) {
    Set-CsExternalAccessPolicy -Identity 'Global' -EnablePublicCloudAccess $true
}
$provider = Get-CsPublicProvider -Identity 'MSN'
if ($provider.Enabled -ne $true) {
    Set-CsPublicProvider -Identity 'MSN' -Enabled $true
}
$provider = Get-CsPublicProvider -Identity 'Yahoo!'
if ($provider.Enabled -ne $true) {
    Set-CsPublicProvider -Identity 'Yahoo!' -Enabled $true
}

# Archiving [LY-2]
$archiving = Get-CsArchivingConfiguration -Identity 'Global'
if ($archiving.EnableArchiving -ne 'ImAndWebConf') {
    Set-CsArchivingConfiguration -Identity 'Global' -EnableArchiving 'ImAndWebConf'
}
$policy = Get-CsArchivingPolicy -Identity 'Global'
if ($policy.ArchiveInternal -ne $true) {
    Set-CsArchivingPolicy -Identity 'Global' -ArchiveInternal $true
}
if ($policy.ArchiveExternal -ne $true) {
    Set-CsArchivingPolicy -Identity 'Global' -ArchiveExternal $true
}

# Monitoring [LY-2]
$cdr = Get-CsCdrConfiguration -Identity 'Global'
if ($cdr.EnableCDR -ne $true) {
    Set-CsCdrConfiguration -Identity 'Global' -EnableCDR $true
}
$quality = Get-CsQoEConfiguration -Identity 'Global'
if ($quality.EnableQoE -ne $true) {
    Set-CsQoEConfiguration -Identity 'Global' -EnableQoE $true
}

'spokesman: done'
