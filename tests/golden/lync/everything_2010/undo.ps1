$ErrorActionPreference = 'Stop'
Import-Module Lync

foreach ($found in @(Get-CsQoEConfiguration | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.EnableQoE -cne $false) {
        Set-CsQoEConfiguration -Identity 'Global' -EnableQoE $false
    }
}
foreach ($found in @(Get-CsCdrConfiguration | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.EnableCDR -cne $false) {
        Set-CsCdrConfiguration -Identity 'Global' -EnableCDR $false
    }
}
foreach ($found in @(Get-CsArchivingPolicy | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.ArchiveInternal -cne $false) {
        Set-CsArchivingPolicy -Identity 'Global' -ArchiveInternal $false
    }
    if ($found.ArchiveExternal -cne $false) {
        Set-CsArchivingPolicy -Identity 'Global' -ArchiveExternal $false
    }
}
foreach ($found in @(Get-CsArchivingConfiguration | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.EnableArchiving -cne 'None') {
        Set-CsArchivingConfiguration -Identity 'Global' -EnableArchiving 'None'
    }
}
foreach ($found in @(Get-CsPublicProvider | Where-Object { $_.Identity -eq 'Yahoo!' })) {
    if ($found.Enabled -cne $false) {
        Set-CsPublicProvider -Identity 'Yahoo!' -Enabled $false
    }
}
foreach ($found in @(Get-CsPublicProvider | Where-Object { $_.Identity -eq 'MSN' })) {
    if ($found.Enabled -cne $false) {
        Set-CsPublicProvider -Identity 'MSN' -Enabled $false
    }
}
foreach ($found in @(Get-CsExternalAccessPolicy | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.EnablePublicCloudAccess -cne $false) {
        Set-CsExternalAccessPolicy -Identity 'Global' -EnablePublicCloudAccess $false
    }
}
foreach ($found in @(Get-CsAccessEdgeConfiguration | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.AllowFederatedUsers -cne $false) {
        Set-CsAccessEdgeConfiguration -Identity 'Global' -AllowFederatedUsers $false
    }
}
foreach ($found in @(Get-CsAllowedDomain | Where-Object { $_.Identity -eq 'other.example' })) {
    Remove-CsAllowedDomain -Identity 'other.example'
}
foreach ($found in @(Get-CsAllowedDomain | Where-Object { $_.Identity -eq 'partner.example' })) {
    Remove-CsAllowedDomain -Identity 'partner.example'
}
foreach ($found in @(Get-CsExternalAccessPolicy | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.EnableFederationAccess -cne $false) {
        Set-CsExternalAccessPolicy -Identity 'Global' -EnableFederationAccess $false
    }
}
foreach ($found in @(Get-CsAccessEdgeConfiguration | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.AllowFederatedUsers -cne $false) {
        Set-CsAccessEdgeConfiguration -Identity 'Global' -AllowFederatedUsers $false
    }
}
foreach ($found in @(Get-CsDialInConferencingAccessNumber | Where-Object { $_.PrimaryUri -eq 'sip:spokesman-fe-pool-1-442079460002@acme.example' })) {
    Remove-CsDialInConferencingAccessNumber -Identity 'sip:spokesman-fe-pool-1-442079460002@acme.example'
}
foreach ($found in @(Get-CsDialInConferencingAccessNumber | Where-Object { $_.PrimaryUri -eq 'sip:spokesman-fe-pool-1-442079460001@acme.example' })) {
    Remove-CsDialInConferencingAccessNumber -Identity 'sip:spokesman-fe-pool-1-442079460001@acme.example'
}
foreach ($found in @(Get-CsDialPlan | Where-Object { $_.SimpleName -eq 'spokesman-fe-pool-1' })) {
    Remove-CsDialPlan -Identity 'spokesman-fe-pool-1'
}
foreach ($found in @(Get-CsConferencingPolicy | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.EnableDialInConferencing -cne $false) {
        Set-CsConferencingPolicy -Identity 'Global' -EnableDialInConferencing $false
    }
}
foreach ($found in @(Get-CsConferencingPolicy | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.EnableDataCollaboration -cne $false) {
        Set-CsConferencingPolicy -Identity 'Global' -EnableDataCollaboration $false
    }
    if ($found.EnableAppDesktopSharing -cne 'None') {
        Set-CsConferencingPolicy -Identity 'Global' -EnableAppDesktopSharing 'None'
    }
    if ($found.AllowPolls -cne $false) {
        Set-CsConferencingPolicy -Identity 'Global' -AllowPolls $false
    }
}
foreach ($found in @(Get-CsConferencingPolicy | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.AllowIPAudio -cne $false) {
        Set-CsConferencingPolicy -Identity 'Global' -AllowIPAudio $false
    }
    if ($found.AllowIPVideo -cne $false) {
        Set-CsConferencingPolicy -Identity 'Global' -AllowIPVideo $false
    }
    if ($found.EnableP2PVideo -cne $false) {
        Set-CsConferencingPolicy -Identity 'Global' -EnableP2PVideo $false
    }
}
foreach ($found in @(Get-CsExUmContact | Where-Object { $_.SipAddress -eq 'sip:reception@acme.example' })) {
    Remove-CsExUmContact -Identity 'sip:reception@acme.example'
}
foreach ($found in @(Get-CsExUmContact | Where-Object { $_.SipAddress -eq 'sip:um@acme.example' })) {
    Remove-CsExUmContact -Identity 'sip:um@acme.example'
}
foreach ($found in @(Get-CsVoicePolicy | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.AllowCallForwarding -cne $false) {
        Set-CsVoicePolicy -Identity 'Global' -AllowCallForwarding $false
    }
    if ($found.AllowSimulRing -cne $false) {
        Set-CsVoicePolicy -Identity 'Global' -AllowSimulRing $false
    }
    if ($found.EnableCallTransfer -cne $false) {
        Set-CsVoicePolicy -Identity 'Global' -EnableCallTransfer $false
    }
    if ($found.EnableDelegation -cne $false) {
        Set-CsVoicePolicy -Identity 'Global' -EnableDelegation $false
    }
    if ($found.EnableTeamCall -cne $false) {
        Set-CsVoicePolicy -Identity 'Global' -EnableTeamCall $false
    }
}
foreach ($found in @(Get-CsExternalAccessPolicy | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.EnableOutsideAccess -cne $false) {
        Set-CsExternalAccessPolicy -Identity 'Global' -EnableOutsideAccess $false
    }
}
foreach ($found in @(Get-CsAccessEdgeConfiguration | Where-Object { $_.Identity -eq 'Global' })) {
    if ($found.AllowOutsideUsers -cne $false) {
        Set-CsAccessEdgeConfiguration -Identity 'Global' -AllowOutsideUsers $false
    }
}

'spokesman: done'
