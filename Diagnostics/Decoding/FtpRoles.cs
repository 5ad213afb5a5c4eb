using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>Which connections are FTP control connections, and which end of them asks.</summary>
internal static class FtpRoles
{
    public const int ControlPort = 21;

    /// <summary>The client's end on this leg; null if it is no FTP control connection.</summary>
    public static IPEndPoint? ControlClient(EndpointPair ends, FirewallFlow? leg)
    {
        if (leg is not null)
        {
            if (leg.Incoming || leg.Server.Port != ControlPort)
                return null;
            return ends.Low.Equals(leg.Client) || ends.High.Equals(leg.Client) ? leg.Client : leg.Outside;
        }
        return ends.Low.Port == ControlPort ? ends.High : ends.High.Port == ControlPort ? ends.Low : null;
    }
}
