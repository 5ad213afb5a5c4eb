namespace FwRedirect.Redirector.Packets;

/// <summary>Why a destination can not be had, as ICMP tells it.</summary>
internal enum UnreachableReason : byte
{
    Network,
    Host,
    Port,
    NetworkProhibited,
    AdministrativelyProhibited,
}
