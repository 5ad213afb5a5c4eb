using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Threading.Channels;
using FwRedirect.FirewallHost.Sockets.Echo;
using FwRedirect.FirewallHost.Sockets.Echo.Linux;

namespace FwRedirect.Tests.FirewallHost.Sockets.Echo;

/// <summary>The kernel's own answers on the loopback, in both IP versions.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
[SupportedOSPlatform("linux")]
public sealed class EchoSocketTests : IEchoAnswers
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly Channel<(ushort Sequence, IPAddress Address, byte TimeToLive, byte[] Data)> _heard =
        Channel.CreateUnbounded<(ushort, IPAddress, byte, byte[])>();

    private readonly Channel<(ushort Sequence, IPAddress Destination, IcmpReport Report)> _failed = Channel.CreateUnbounded<(ushort, IPAddress, IcmpReport)>();

    [TestMethod]
    [DataRow("127.0.0.1")]
    [DataRow("::1")]
    public async Task What_is_sent_comes_back_with_its_TTL(string address)
    {
        var own = IPAddress.Parse(address);
        using var socket = Open(own);
        Assert.IsTrue(socket.TrySend(own, 7, 9, dontFragment: false, "abcdefgh"u8.ToArray()));
        Assert.IsTrue(socket.TrySend(own, 8, 9, dontFragment: true, new byte[60_000]));
        var first = await NextAsync(_heard);
        Assert.AreEqual((7, own, 64, "abcdefgh"), (first.Sequence, first.Address, first.TimeToLive, System.Text.Encoding.ASCII.GetString(first.Data)));
        var second = await NextAsync(_heard);
        Assert.AreEqual((8, 60_000), (second.Sequence, second.Data.Length));
    }

    /// <summary>The loopback's MTU of 65,536 takes all that IPv4 can send, and a little less than IPv6 can.</summary>
    [TestMethod]
    public async Task What_does_not_fit_and_must_not_be_cut_is_told()
    {
        using var socket = Open(IPAddress.IPv6Loopback);
        Assert.IsFalse(socket.TrySend(IPAddress.IPv6Loopback, 7, 9, dontFragment: true, new byte[65_500]));
        var (sequence, destination, report) = await NextAsync(_failed);
        Assert.AreEqual((7, IPAddress.IPv6Loopback, IPAddress.IPv6Loopback, 2, 0), (sequence, destination, report.Reporter, report.Type, report.Code));
        Assert.IsGreaterThan(1280u, report.Info);
    }

    void IEchoAnswers.Replied(ushort sequence, IPAddress source, byte timeToLive, ReadOnlySpan<byte> data) =>
        _heard.Writer.TryWrite((sequence, source, timeToLive, data.ToArray()));

    void IEchoAnswers.Failed(ushort sequence, IPAddress destination, in IcmpReport report) => _failed.Writer.TryWrite((sequence, destination, report));

    private static async Task<T> NextAsync<T>(Channel<T> channel) => await channel.Reader.ReadAsync().AsTask().WaitAsync(Deadline);

    private EchoSocket Open(IPAddress own)
    {
        try
        {
            return EchoSocket.Open(own, this);
        }
        catch (SocketException e)
        {
            Assert.Inconclusive($"this process may not ping, or has no such address: {e.Message}");
            throw;
        }
    }
}
