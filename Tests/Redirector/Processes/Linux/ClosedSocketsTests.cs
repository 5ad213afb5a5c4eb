using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes.Linux;
using FwRedirect.Tests.Redirector.Packets;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Processes.Linux;

[TestClass]
[SupportedOSPlatform("linux")]
public sealed class ClosedSocketsTests
{
    private static readonly PacketEndpoint Local = Raw.At("192.168.0.2:5060");
    private readonly FakeTimeProvider _time = new();
    private readonly ClosedSockets _closed;

    public ClosedSocketsTests() => _closed = new ClosedSockets(_time);

    [TestMethod]
    [DataRow("192.168.0.2:5060", true)]
    [DataRow("0.0.0.0:5060", true)]
    [DataRow("[::]:5060", true)]
    [DataRow("10.0.0.2:5060", false)]
    [DataRow("192.168.0.2:5061", false)]
    public async Task TheCloseOfASocketWithThisEndpointIsFound(string closed, bool isFound)
    {
        _closed.Take(Close(closed, 7));
        var finding = _closed.FindAsync(Local).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.AreEqual(isFound ? 7ul : null, (await finding)?.SocketId);
    }

    [TestMethod]
    public async Task ACloseThatIsReadAMomentLaterIsWaitedFor()
    {
        var finding = _closed.FindAsync(Local).AsTask();
        Assert.IsFalse(finding.IsCompleted);
        _closed.Take(Close("0.0.0.0:5060", 7));
        Assert.AreEqual(7ul, (await finding)?.SocketId);
    }

    [TestMethod]
    public async Task TheLastSocketOfAPortCountsAndNotForLong()
    {
        _closed.Take(Close("0.0.0.0:5060", 7));
        _closed.Take(Close("0.0.0.0:5060", 8));
        Assert.AreEqual(8ul, (await _closed.FindAsync(Local))?.SocketId);
        _time.Advance(TimeSpan.FromSeconds(5));
        var finding = _closed.FindAsync(Local).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.IsNull(await finding);
    }

    private static SocketEvent Close(string local, ulong socketId) => new(SocketEventKind.Close, IpProtocol.Udp, Raw.At(local), default, 100, socketId, 0);
}
