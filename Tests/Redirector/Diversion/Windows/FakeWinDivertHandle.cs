using System.Buffers.Binary;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Windows;
using FwRedirect.Redirector.Diversion.Windows.Native;

namespace FwRedirect.Tests.Redirector.Diversion.Windows;

/// <summary>One handle of <see cref="FakeWinDivert"/>. Each arrival is one batch of the driver's.</summary>
[SupportedOSPlatform("windows")]
internal sealed class FakeWinDivertHandle(FakeWinDivert driver, string filter, WinDivertLayer layer, short priority, WinDivertOpenFlags flags) : IWinDivertHandle
{
    private readonly Queue<(byte[] Bytes, WinDivertAddress[] Addresses, int Error)> _arrived = new();
    private WinDivertShutdown _shutDown;
    private bool _closed;

    public string Filter { get; } = filter;

    public WinDivertLayer Layer { get; } = layer;

    public short Priority { get; } = priority;

    public WinDivertOpenFlags Flags { get; } = flags;

    public Dictionary<WinDivertParameter, ulong> Parameters { get; } = [];

    /// <summary>What each send call got.</summary>
    public List<(byte[] Bytes, WinDivertAddress[] Addresses)> Sent { get; } = [];

    /// <summary>What each send ends in; null: well.</summary>
    public int? SendError { get; set; }

    public bool Closed => Volatile.Read(ref _closed);

    /// <summary>The packets of all calls, one by one.</summary>
    public List<(byte[] Packet, WinDivertAddress Address)> SentPackets
    {
        get
        {
            var packets = new List<(byte[], WinDivertAddress)>();
            foreach (var (bytes, addresses) in Sent)
            {
                var offset = 0;
                foreach (var address in addresses)
                {
                    var start = bytes.AsSpan(offset);
                    var length = start[0] >> 4 == 4 ? BinaryPrimitives.ReadUInt16BigEndian(start[2..]) : 40 + BinaryPrimitives.ReadUInt16BigEndian(start[4..]);
                    packets.Add((start[..length].ToArray(), address));
                    offset += length;
                }

                Assert.AreEqual(bytes.Length, offset, "bytes that belong to no packet");
            }

            return packets;
        }
    }

    public void Arrive(params (byte[] Packet, WinDivertAddress Address)[] packets) =>
        Add([.. packets.SelectMany(p => p.Packet)], [.. packets.Select(p => p.Address)], 0);

    public void ArriveRaw(byte[] bytes, params WinDivertAddress[] addresses) => Add(bytes, addresses, 0);

    public void Tell(params WinDivertAddress[] events) => Add([], events, 0);

    public void FailReceive(int error) => Add([], [], error);

    public bool Receive(Span<byte> packets, Span<WinDivertAddress> addresses, out int length, out int count, out int error)
    {
        lock (_arrived)
        {
            while (_arrived.Count == 0 && !_closed && (_shutDown & WinDivertShutdown.Receive) == 0)
                Monitor.Wait(_arrived);
            (length, count, error) = (0, 0, WinDivertNative.InvalidHandle);
            if (_closed)
                return false;
            if (!_arrived.TryDequeue(out var arrived))
            {
                error = WinDivertNative.NoData;
                return false;
            }

            arrived.Bytes.CopyTo(packets);
            arrived.Addresses.CopyTo(addresses);
            (length, count, error) = (arrived.Bytes.Length, arrived.Addresses.Length, arrived.Error);
            return error == 0;
        }
    }

    public bool Send(ReadOnlySpan<byte> packets, ReadOnlySpan<WinDivertAddress> addresses, out int error)
    {
        error = Closed ? WinDivertNative.InvalidHandle : SendError ?? 0;
        if (error == 0)
        {
            lock (Sent) Sent.Add((packets.ToArray(), addresses.ToArray()));
        }

        return error == 0;
    }

    public void Set(WinDivertParameter parameter, ulong value)
    {
        if (driver.SetError is { } error)
            throw new WinDivertException(error, $"{parameter} could not be set");
        Parameters[parameter] = value;
    }

    public ulong Get(WinDivertParameter parameter) => Parameters[parameter];

    public void Shutdown(WinDivertShutdown how)
    {
        driver.Note($"shut down {Filter} {how}");
        lock (_arrived)
        {
            _shutDown |= how;
            Monitor.PulseAll(_arrived);
        }
    }

    public void Dispose()
    {
        driver.Note($"close {Filter}");
        lock (_arrived)
        {
            Volatile.Write(ref _closed, true);
            Monitor.PulseAll(_arrived);
        }
    }

    private void Add(byte[] bytes, WinDivertAddress[] addresses, int error)
    {
        lock (_arrived)
        {
            _arrived.Enqueue((bytes, addresses, error));
            Monitor.PulseAll(_arrived);
        }
    }
}
