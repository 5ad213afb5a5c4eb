using System.Net;
using System.Net.Sockets;

namespace FwRedirect.Lab.Load;

/// <summary>A connection to an echo server that is to stand until the load ends. Its error is taken down with the time at which the program got it.</summary>
internal sealed class StandingConnection(IPEndPoint server, int number, bool isIdle) : IDisposable
{
    private const int Block = 512;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Random _bytes = new(number); // repeatable

    /// <summary>Null while it stands.</summary>
    public LoadBreak? Break { get; private set; }

    public bool IsIdle => isIdle;

    /// <summary>How long bytes were under way at most.</summary>
    public TimeSpan LongestRoundTrip { get; private set; }

    public async Task OpenAsync(CancellationToken cancellation)
    {
        await _socket.ConnectAsync(server, cancellation);
        await ExchangeAsync(1, cancellation);
    }

    /// <summary>Until it breaks or the load ends; then one exchange more, so that "it stands" is known and not believed.</summary>
    /// <param name="ended">The load ends.</param>
    /// <param name="limit">The last exchange has to be over.</param>
    public async Task RunAsync(CancellationToken ended, CancellationToken limit)
    {
        try
        {
            if (isIdle)
            {
                await WaitAsync(ended, limit);
                return;
            }

            while (!ended.IsCancellationRequested)
            {
                await ExchangeAsync(Block, limit);
                await Task.Delay(Interval, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await ExchangeAsync(Block, limit);
        }
        catch (SocketException failure)
        {
            Note(failure.SocketErrorCode.ToString());
        }
        catch (InvalidDataException failure)
        {
            Note(failure.Message);
        }
        catch (OperationCanceledException)
        {
            Note("silent");
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>An idle program sits in read(): it hears of a reset at once, and of a silent loss never.</summary>
    private async Task WaitAsync(CancellationToken ended, CancellationToken limit)
    {
        byte[] buffer = new byte[1];
        Task<int> reading = _socket.ReceiveAsync(buffer, limit).AsTask();
        if (await Task.WhenAny(reading, Task.Delay(Timeout.Infinite, ended)) != reading)
            await _socket.SendAsync(new byte[] { 42 }, limit);
        if (await reading == 0) throw new InvalidDataException("end");
        if (!ended.IsCancellationRequested || buffer[0] != 42) throw new InvalidDataException("changed");
    }

    private async Task ExchangeAsync(int size, CancellationToken cancellation)
    {
        byte[] sent = new byte[size];
        _bytes.NextBytes(sent);
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        await _socket.SendAsync(sent, cancellation);
        byte[] received = new byte[size];
        for (int filled = 0; filled < size;)
        {
            int count = await _socket.ReceiveAsync(received.AsMemory(filled), cancellation);
            if (count == 0) throw new InvalidDataException("end");
            filled += count;
        }

        if (!sent.AsSpan().SequenceEqual(received)) throw new InvalidDataException("changed");
        TimeSpan elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(started);
        if (elapsed > LongestRoundTrip) LongestRoundTrip = elapsed;
    }

    private void Note(string error) => Break = new LoadBreak(isIdle ? "idle" : "stream", error, DateTimeOffset.UtcNow);
}
