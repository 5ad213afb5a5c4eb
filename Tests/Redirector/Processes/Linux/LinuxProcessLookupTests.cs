using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux.SocketEvents;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes.Linux;
using FwRedirect.Tests.Redirector.Diversion.Linux;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Processes.Linux;

[TestClass]
[TestCategory("Lab")]
[SupportedOSPlatform("linux")]
public sealed class LinuxProcessLookupTests
{
    private static readonly IPEndPoint Server = new(NamespacePair.FirewallAddress, 2121);

    [TestMethod]
    [DataRow(true, DisplayName = "by the map of owners")]
    [DataRow(false, DisplayName = "by /proc, for sockets older than the map")]
    public async Task TheProgramBehindATcpFlowIsFound(bool withOwners)
    {
        using var pair = new NamespacePair();
        using var listener = NamespacePair.Run(pair.Firewall, () =>
        {
            var made = new TcpListener(Server);
            made.Start();
            return made;
        });
        using var events = NamespacePair.Run(pair.Client, () => new SockOpsEvents(TimeProvider.System));
        using var lookup = NamespacePair.Run(pair.Client, () => new LinuxProcessLookup(withOwners ? events.Owners : null, TimeProvider.System));
        using var program = NamespacePair.Run(pair.Client, () => Process.Start(
            new ProcessStartInfo("setpriv", ["--reuid", "65534", "--clear-groups", "bash", "-c", "exec 3<>/dev/tcp/192.168.0.1/2121; read -u 3 x; echo over"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            })!);
        using var accepted = listener.AcceptSocket();
        var local = PacketEndpoint.From((IPEndPoint)accepted.RemoteEndPoint!);

        var process = await lookup.FindAsync(6, local, PacketEndpoint.From(Server));
        Assert.IsNotNull(process);
        Assert.AreEqual(program.Id, process.Id);
        Assert.AreEqual("bash", process.Name);
        Assert.IsTrue(process.Path!.EndsWith("/bash", StringComparison.Ordinal), process.Path);
        Assert.AreEqual("nobody", process.User);
        Assert.AreEqual(65534u, process.Uid);

        accepted.Close();
        Assert.IsTrue(program.WaitForExit(5000));
        Assert.IsNull(await lookup.FindAsync(6, local, PacketEndpoint.From(IPAddress.Parse("192.168.0.1"), 1)));
    }

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(false, false)]
    public async Task TheProgramBehindAUdpQuestionIsFound(bool connected, bool withOwners)
    {
        using var pair = new NamespacePair();
        using var events = NamespacePair.Run(pair.Client, () => new SockOpsEvents(TimeProvider.System));
        using var lookup = NamespacePair.Run(pair.Client, () => new LinuxProcessLookup(withOwners ? events.Owners : null, TimeProvider.System));
        using var socket = NamespacePair.Run(pair.Client, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        var server = new IPEndPoint(NamespacePair.FirewallAddress, 53);
        if (connected) socket.Connect(server);
        socket.SendTo("question"u8, server);
        var local = PacketEndpoint.From(NamespacePair.ClientAddress, ((IPEndPoint)socket.LocalEndPoint!).Port);
        Assert.AreEqual(Environment.ProcessId, (await lookup.FindAsync(17, local, PacketEndpoint.From(server)))?.Id);
    }

    [TestMethod]
    public async Task AProcessThatIsGoneIsKnownForAMinute()
    {
        using var pair = new NamespacePair();
        var time = new FakeTimeProvider();
        using var lookup = new LinuxProcessLookup(null, time);
        var local = PacketEndpoint.From(NamespacePair.ClientAddress, 1516);
        int id;
        using (var program = Process.Start(new ProcessStartInfo("sleep", ["60"]) { UseShellExecute = false })!)
        {
            id = program.Id;
            // Until exec it is still a copy of ourselves.
            SpinWait.SpinUntil(() => lookup.Find(id)?.Name == "sleep", 5000);
            lookup.Observe(new SocketEvent(SocketEventKind.Connect, 6, local, PacketEndpoint.From(Server), id, 1, 0));
            SpinWait.SpinUntil(() => lookup.FindAsync(6, local, PacketEndpoint.From(Server)).AsTask() is { IsCompletedSuccessfully: true, Result: not null }, 5000);
            program.Kill();
            program.WaitForExit();
        }

        Assert.AreEqual("sleep", lookup.Find(id)?.Name);
        Assert.AreEqual(id, (await lookup.FindAsync(6, local, PacketEndpoint.From(Server)))?.Id);
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.IsNull(lookup.Find(id));
        Assert.IsNull(await lookup.FindAsync(6, local, PacketEndpoint.From(Server)));
    }
}
