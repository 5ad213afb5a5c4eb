using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Processes.Linux;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Processes.Linux;

[TestClass]
[SupportedOSPlatform("linux")]
public sealed class SocketHoldersTests
{
    private readonly FakeTimeProvider _time = new();

    [TestInitialize]
    public void NeedLinux()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("reads /proc");
    }

    /// <summary>A service that starts on a machine at work: everybody asks at once.</summary>
    [TestMethod]
    public async Task AHundredSocketsCostOneScan()
    {
        var sockets = Enumerable.Range(0, 100).Select(_ => Open()).ToArray();
        var holders = new SocketHolders(_time);
        var found = await Task.WhenAll(sockets.Select(socket => holders.FindAsync(InodeOf(socket)).AsTask()));
        Assert.IsTrue(found.All(id => id == Environment.ProcessId));
        Assert.AreEqual(1, holders.Scans);
        foreach (var socket in sockets) socket.Dispose();
    }

    [TestMethod]
    public async Task ASocketThatTheLastScanHasNotSeenIsLookedForAnew()
    {
        var holders = new SocketHolders(_time);
        using var first = Open();
        Assert.AreEqual(Environment.ProcessId, await holders.FindAsync(InodeOf(first)));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        using var second = Open();
        Assert.AreEqual(Environment.ProcessId, await holders.FindAsync(InodeOf(second)));
        Assert.AreEqual(2, holders.Scans);
    }

    [TestMethod]
    public async Task NobodyHasASocketThatIsNotThere()
    {
        var holders = new SocketHolders(_time);
        Assert.IsNull(await holders.FindAsync(uint.MaxValue));
        Assert.AreEqual(1, holders.Scans, "a scan that began when it was asked for says enough");
    }

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static uint InodeOf(Socket socket)
    {
        var target = new FileInfo($"/proc/self/fd/{socket.SafeHandle.DangerousGetHandle()}").LinkTarget!;
        return uint.Parse(target.AsSpan("socket:[".Length, target.Length - "socket:[]".Length), CultureInfo.InvariantCulture);
    }
}
