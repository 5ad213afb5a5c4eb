using System.Net;
using System.Runtime.ExceptionServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux;

namespace FwRedirect.Tests.Redirector.Diversion.Linux;

/// <summary>Two network namespaces of one test's own, joined by a veth pair: a client with no default route, and a firewall.</summary>
[SupportedOSPlatform("linux")]
internal sealed class NamespacePair : IDisposable
{
    public static readonly IPAddress ClientAddress = IPAddress.Parse("192.168.0.2");
    public static readonly IPAddress FirewallAddress = IPAddress.Parse("192.168.0.1");
    public static readonly IPAddress OutsideAddress = IPAddress.Parse("131.107.0.21");
    private static int _last;

    public NamespacePair()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) Assert.Inconclusive("needs Linux and root, for network namespaces");
        var name = $"fwr{Environment.ProcessId}-{Interlocked.Increment(ref _last)}";
        (Client, Firewall) = (name + "c", name + "f");
        Ip("netns", "add", Client);
        Ip("netns", "add", Firewall);
        Ip("-n", Client, "link", "add", "inside", "type", "veth", "peer", "name", "inside", "netns", Firewall);
        foreach (var (space, address) in new[] { (Client, ClientAddress), (Firewall, FirewallAddress) })
        {
            Ip("-n", space, "link", "set", "lo", "up");
            Ip("-n", space, "link", "set", "inside", "up");
            Ip("-n", space, "address", "add", $"{address}/24", "dev", "inside");
        }
    }

    public string Client { get; }

    public string Firewall { get; }

    public static DiversionRuleOptions Rules => new() { FirewallAddresses = [FirewallAddress], LocalDestinations = ["192.168.0.0/24"] };

    public static string Ip(params string[] arguments) => SystemProgram.Run("ip", arguments);

    /// <summary>Runs a program in the client's namespace.</summary>
    public string InClient(string program, params string[] arguments) => Run(Client, () => SystemProgram.Run(program, arguments));

    /// <summary>The client's routes; without the mark that a veth's end bears until the kernel has noticed its other end, some time after both are up.</summary>
    public string ClientRoutes() => InClient("ip", "route").Replace(" linkdown", "", StringComparison.Ordinal);

    /// <summary>Runs code on a thread of its own that has entered a namespace; sockets, rules and programs that it makes belong there.</summary>
    public static T Run<T>(string space, Func<T> body)
    {
        T result = default!;
        Start(space, () => result = body()).Join();
        return result;
    }

    public static NamespaceThread Start(string space, Action body)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                LinuxNamespace.Enter($"/run/netns/{space}");
                body();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { IsBackground = true };
        thread.Start();
        return new NamespaceThread(thread, () => failure);
    }

    public void Dispose()
    {
        foreach (var space in new[] { Client, Firewall }) Ip("netns", "delete", space);
    }
}
