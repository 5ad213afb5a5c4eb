using System.Net;
using System.Net.Sockets;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Sockets.Echo;
using FwRedirect.FirewallHost.Sockets.Echo.Linux;

namespace FwRedirect.FirewallHost.Control;

/// <summary>Which way of pinging this system has.</summary>
internal static class EchoSenders
{
    /// <summary>From the outside addresses. Never throws for want of a right: the firewall works without.</summary>
    public static OutsideEchoes Open(FirewallOptions options, TimeProvider time) =>
        new((family, answers) => options.ExternalOf(family) is { } address ? Open(address, answers) : null, time);

    private static IEchoSender? Open(IPAddress address, IEchoAnswers answers)
    {
        try
        {
            return OperatingSystem.IsLinux() ? EchoSocket.Open(address, answers) : new SystemEchoSender(answers);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
