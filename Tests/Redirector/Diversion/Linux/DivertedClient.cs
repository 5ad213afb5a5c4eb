using System.Buffers.Binary;
using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Linux;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Linux;

/// <summary>A diverter in the client's namespace with both queues read, and what a test wants done with each packet.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DivertedClient : IDisposable
{
    private readonly List<Thread> _threads = [];
    private readonly FallbackRoute _route;
    private Exception? _failure;

    public DivertedClient(NamespacePair pair, PacketHandler outbound, PacketHandler inbound, DiversionRuleOptions? rules = null)
    {
        (Diverter, _route) = NamespacePair.Run(pair.Client, () =>
        {
            var route = FallbackRoute.Install(NamespacePair.FirewallAddress);
            return (new NfQueueDiverter(new NfQueueOptions(), rules ?? NamespacePair.Rules, TimeProvider.System), route);
        });
        Pair = pair;
        StartReader(0, outbound);
        StartReader(1, inbound);
    }

    public delegate PacketVerdict PacketHandler(Span<byte> packet, ref DivertAddress address);

    public NamespacePair Pair { get; }

    public NfQueueDiverter Diverter { get; }

    /// <summary>What each queue's thread did; there when the client is disposed.</summary>
    public (int Batches, long Allocated)[] Work { get; } = new (int Batches, long Allocated)[2];

    public static PacketHandler PassAll { get; } = (Span<byte> _, ref DivertAddress _) => PacketVerdict.Pass;

    public static bool IsTcp(ReadOnlySpan<byte> packet) => packet[9] == 6;

    public static byte TcpFlagsOf(ReadOnlySpan<byte> packet) => packet[33];

    public static IPEndPoint SourceOf(ReadOnlySpan<byte> packet) => new(new IPAddress(packet.Slice(12, 4)), BinaryPrimitives.ReadUInt16BigEndian(packet[20..]));

    public static IPEndPoint DestinationOf(ReadOnlySpan<byte> packet) => new(new IPAddress(packet.Slice(16, 4)), BinaryPrimitives.ReadUInt16BigEndian(packet[22..]));

    /// <summary>Every flow to the outside goes to the firewall's <paramref name="port"/>.</summary>
    public static PacketHandler RedirectTo(int port) => (Span<byte> packet, ref DivertAddress _) => Rewrite(packet, 16, NamespacePair.FirewallAddress, port);

    /// <summary>Answers of the firewall's data port come from the server.</summary>
    public static PacketHandler RestoreFrom(int port, int serverPort) => (Span<byte> packet, ref DivertAddress _) =>
        SourceOf(packet).Port == port ? Rewrite(packet, 12, NamespacePair.OutsideAddress, serverPort) : PacketVerdict.Pass;

    public static PacketVerdict Rewrite(Span<byte> packet, int addressOffset, IPAddress address, int port)
    {
        address.TryWriteBytes(packet[addressOffset..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(addressOffset == 12 ? 20 : 22)..], (ushort)port);
        ChecksumCompletion.Complete(packet, ChecksumState.None);
        return PacketVerdict.Rewritten;
    }

    /// <summary>Until the diverter is shut down. Returns the batches after the first twenty, and the bytes that this thread allocated for them.</summary>
    public static (int Batches, long Allocated) Loop(NfQueueDiverter diverter, int queue, PacketHandler handler)
    {
        const int WarmUp = 20;
        using var batch = NfQueueDiverter.CreateBatch();
        var (batches, before) = (0, 0L);
        while (diverter.Receive(queue, batch))
        {
            if (++batches == WarmUp) before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < batch.Count; i++) batch.Verdict(i) = handler(batch.Packet(i), ref batch.Address(i));
            diverter.Complete(queue, batch);
        }

        return batches > WarmUp ? (batches - WarmUp, GC.GetAllocatedBytesForCurrentThread() - before) : (0, 0);
    }

    public void Dispose()
    {
        Diverter.Shutdown();
        foreach (var thread in _threads) Assert.IsTrue(thread.Join(TimeSpan.FromSeconds(5)), "Shutdown does not wake a reader");
        NamespacePair.Run(Pair.Client, () =>
        {
            Diverter.Dispose();
            _route.Dispose();
            return 0;
        });
        Assert.IsNull(_failure, _failure?.ToString());
    }

    private void StartReader(int queue, PacketHandler handler)
    {
        var thread = new Thread(() =>
        {
            try
            {
                Work[queue] = Loop(Diverter, queue, handler);
            }
            catch (Exception exception)
            {
                _failure = exception;
            }
        });
        thread.Start();
        _threads.Add(thread);
    }
}
