using SharpPcap;
using SharpPcap.LibPcap;

namespace FwRedirect.Diagnostics.Capture;

/// <summary>
/// Packets of live interfaces into one file: a thread per interface, libpcap in immediate mode, each packet written as it comes.
/// </summary>
internal sealed class LiveCapture : IDisposable
{
    /// <summary>tcpdump's figure too. With GSO one captured "packet" is up to 64 KiB, and more with BIG TCP.</summary>
    public const int SnapLength = 262_144;

    /// <summary>Room for what arrives while the disk is slow; the kernel's default of 2 MiB is 30 GSO packets.</summary>
    private const int KernelBuffer = 16 << 20;

    /// <summary>How long a quiet interface takes to notice that it shall stop.</summary>
    private const int PollMilliseconds = 50;

    /// <summary>How long packets that are already in the kernel's ring are still written after the stop, so that the last ones of a session are there.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private readonly List<LibPcapLiveDevice> _devices;
    private readonly PcapWriter _writer;
    private readonly CancellationTokenSource _stop = new();
    private readonly CaptureOptions _options;
    private readonly TimeProvider _time;
    private Exception? _failure;
    private long _packets;

    private LiveCapture(List<LibPcapLiveDevice> devices, CaptureOptions options, TimeProvider time)
    {
        _devices = devices;
        _options = options;
        _time = time;
        _writer = PcapWriter.Create(options.Output, (LinkType)(int)devices[0].LinkType, SnapLength);
    }

    /// <summary>Opens the interfaces; when this returns, the kernel collects their packets.</summary>
    /// <exception cref="CaptureException">No libpcap, no right, no such interface, a bad filter.</exception>
    /// <exception cref="IOException">The output file can not be created.</exception>
    public static LiveCapture Open(CaptureOptions options, TimeProvider time)
    {
        var devices = new List<LibPcapLiveDevice>();
        try
        {
            foreach (var name in options.Interfaces)
                devices.Add(CaptureInterfaces.Open(name, SnapLength, KernelBuffer, PollMilliseconds, options.Filter));
            if (devices.Find(d => d.LinkType != devices[0].LinkType) is { } odd)
            {
                throw new CaptureException($"Interfaces {devices[0].Name} and {odd.Name} have different link types and do not fit into one file; " +
                    "capture them into two files, which fwdiag decode reads together.");
            }
            return new LiveCapture(devices, options, time);
        }
        catch
        {
            devices.ForEach(d => d.Dispose());
            throw;
        }
    }

    /// <summary>Captures until stopped, until a limit of the options, or until an error, which it throws. Blocks.</summary>
    /// <returns>Packets written, and packets that the kernel had to drop.</returns>
    public (long Packets, long Dropped) Run(CancellationToken stop)
    {
        using var registration = stop.Register(_stop.Cancel);
        using var timer = _options.Duration is { } duration ? _time.CreateTimer(_ => _stop.Cancel(), null, duration, Timeout.InfiniteTimeSpan) : null;
        var threads = _devices.ConvertAll(device => new Thread(() => Pump(device)) { IsBackground = true, Name = $"capture {device.Name}" });
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        if (_failure is not null)
            throw new CaptureException($"Capturing ended: {_failure.Message}", _failure);
        return (_packets, _devices.Sum(d => (long)d.Statistics.DroppedPackets));
    }

    public void Dispose()
    {
        _devices.ForEach(d => d.Dispose());
        _writer.Dispose();
        _stop.Dispose();
    }

    private void Pump(LibPcapLiveDevice device)
    {
        try
        {
            long stoppedAt = 0;
            while (true)
            {
                var status = device.GetNextPacket(out var packet);
                if (_stop.IsCancellationRequested)
                {
                    stoppedAt = stoppedAt == 0 ? _time.GetTimestamp() : stoppedAt;
                    if (status != GetPacketStatus.PacketRead || _time.GetElapsedTime(stoppedAt) > DrainLimit)
                        return;
                }
                if (status == GetPacketStatus.PacketRead)
                    Write(packet);
                else if (status != GetPacketStatus.ReadTimeout)
                    throw new CaptureException($"interface {device.Name}: {device.LastError}");
            }
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
            _stop.Cancel();
        }
    }

    private void Write(PacketCapture packet)
    {
        var number = Interlocked.Increment(ref _packets);
        if (_options.Count is { } limit && number >= limit)
        {
            _stop.Cancel();
            if (number > limit)
            {
                Interlocked.Decrement(ref _packets);
                return;
            }
        }
        var original = packet.Header is PcapHeader header ? (int)header.PacketLength : packet.Data.Length;
        var time = packet.Header.Timeval;
        _writer.Write((uint)time.Seconds, (uint)time.MicroSeconds, packet.Data, original);
    }
}
