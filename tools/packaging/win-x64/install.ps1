# Installs the service FwRedirect from this folder and starts it; -Uninstall takes it away.
# Where scripts are not allowed: powershell -ExecutionPolicy Bypass -File install.ps1
param(
    [string] $Config = (Join-Path $PSScriptRoot 'fwredirect.json'),
    [switch] $Uninstall
)
$ErrorActionPreference = 'Stop'
$program = Join-Path $PSScriptRoot 'fwredirect.exe'

function Invoke-Program {
    & $program @args
    if ($LASTEXITCODE -ne 0) { throw "fwredirect $($args[0]) ended with $LASTEXITCODE" }
}

$identity = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
if (-not $identity.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    throw 'This needs a PowerShell that was started as administrator.'
}

if ($Uninstall) {
    & $program stop
    Invoke-Program uninstall
    return
}

if (-not (Test-Path -LiteralPath $Config)) { throw "$Config is missing: write it first, README.txt has an example." }
Get-ChildItem -LiteralPath $PSScriptRoot -File | Unblock-File
Invoke-Program check --config $Config
Invoke-Program install --config $Config
Invoke-Program start
Invoke-Program status
