using System.Net;
using System.Net.Sockets;
using FwRedirect.FirewallHost.Sockets.Echo;
using FwRedirect.FirewallHost.Sockets.Echo.Linux;

namespace FwRedirect.FirewallHost.Control;

/// <summary>Which way of pinging this system has.</summary>
internal static class EchoSenders
{
    /// <summary>Never throws for want of a right: the firewall works without.</summary>
    public static OutsideEchoes Open(IPAddress? externalAddress, TimeProvider time)
    {
        if (externalAddress is null)
            return OutsideEchoes.None(time);
        try
        {
            return OutsideEchoes.Through(
                answers => OperatingSystem.IsLinux() ? EchoSocket.Open(externalAddress, answers) : new SystemEchoSender(answers), time);
        }
        catch (SocketException)
        {
            return OutsideEchoes.None(time);
        }
    }
}
