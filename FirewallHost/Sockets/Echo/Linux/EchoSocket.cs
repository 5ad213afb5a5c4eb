using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace FwRedirect.FirewallHost.Sockets.Echo.Linux;

/// <summary>
/// One ICMP socket for all requests of an IP version: a ping socket (icmp(7): no right needed but a group in net.ipv4.ping_group_range, and the kernel gives the identifier), else a raw one
/// (CAP_NET_RAW, and the identifier is drawn here).
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class EchoSocket : IEchoSender
{
    private const int IcmpHeader = 8;
    private const byte EchoRequest = 8;
    private const byte EchoRequestV6 = 128;
    private const byte EchoReply = 0;
    private const byte EchoReplyV6 = 129;
    private const int LargestPacket = 65_535;

    private readonly Socket _socket;
    private readonly EchoMessages _messages;
    private readonly IEchoAnswers _answers;
    private readonly IPAddress _address;
    private readonly bool _isRaw;
    private readonly bool _v6;
    private readonly ushort _identifier;
    private readonly Lock _sending = new();
    private readonly CancellationTokenSource _stop = new();
    private bool _dontFragment;

    private EchoSocket(Socket socket, IPAddress address, bool isRaw, IEchoAnswers answers)
    {
        (_socket, _address, _isRaw, _answers) = (socket, address, isRaw, answers);
        _v6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        _messages = new EchoMessages(socket);
        socket.Bind(new IPEndPoint(address, 0));
        _messages.Prepare();
        if (isRaw)
            _messages.HearRepliesOnly();
        _identifier = (ushort)Random.Shared.Next(1, ushort.MaxValue);
        _ = ReceiveAsync();
    }

    public string Description => _isRaw ? "a raw socket (CAP_NET_RAW)" : "a ping socket (net.ipv4.ping_group_range)";

    /// <exception cref="SocketException">Neither is allowed.</exception>
    public static EchoSocket Open(IPAddress address, IEchoAnswers answers)
    {
        var protocol = address.AddressFamily == AddressFamily.InterNetworkV6 ? ProtocolType.IcmpV6 : ProtocolType.Icmp;
        try
        {
            return new EchoSocket(new Socket(address.AddressFamily, SocketType.Dgram, protocol), address, isRaw: false, answers);
        }
        catch (SocketException)
        {
            return new EchoSocket(new Socket(address.AddressFamily, SocketType.Raw, protocol), address, isRaw: true, answers);
        }
    }

    public bool TrySend(IPAddress destination, ushort sequence, byte timeToLive, bool dontFragment, ReadOnlyMemory<byte> data)
    {
        var message = ArrayPool<byte>.Shared.Rent(IcmpHeader + data.Length);
        try
        {
            var bytes = message.AsSpan(0, IcmpHeader + data.Length);
            Write(bytes, sequence, data.Span);
            lock (_sending)
            {
                if (dontFragment != _dontFragment)
                    _messages.DontFragment(_dontFragment = dontFragment);
                var error = _messages.Send(destination, timeToLive, bytes);
                if (error == EchoMessages.TooLarge)
                    _answers.Failed(sequence, destination, IcmpReport.TooLarge(_address, PathMtu()));
                return error == 0;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _socket.Dispose();
        _stop.Dispose();
    }

    private void Write(Span<byte> message, ushort sequence, ReadOnlySpan<byte> data)
    {
        message[0] = _v6 ? EchoRequestV6 : EchoRequest;
        message[1] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], 0);
        // A ping socket puts its own identifier and the checksum in; with IPv6 the kernel always does the latter (RFC 3542, 3.1).
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], _identifier);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], sequence);
        data.CopyTo(message[IcmpHeader..]);
        if (_isRaw && !_v6)
            BinaryPrimitives.WriteUInt16BigEndian(message[2..], Checksum(message));
    }

    private async Task ReceiveAsync()
    {
        var stop = _stop.Token;
        var first = new byte[1];
        var buffer = new byte[LargestPacket];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // Only wakes: the packet with its TTL, or the error with its sender, is read below.
                await _socket.ReceiveAsync(first, SocketFlags.Peek, stop);
            }
            catch (SocketException)
            {
                // An ICMP error of some request; it stands in the queue.
            }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
            {
                return;
            }

            try
            {
                Drain(buffer);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Drain(byte[] buffer)
    {
        int count;
        while ((count = _messages.ReceiveError(buffer, out var failure)) >= 0)
            TakeError(buffer.AsSpan(0, count), failure);
        while ((count = _messages.Receive(buffer, out var source, out var timeToLive)) >= 0)
            TakeReply(buffer.AsSpan(0, count), source, timeToLive);
    }

    private void TakeReply(ReadOnlySpan<byte> message, IPAddress source, byte timeToLive)
    {
        // Of IPv4 a raw socket gives the header too.
        if (_isRaw && !_v6)
            message = message.Length >= 20 ? message[((message[0] & 0x0F) * 4)..] : [];
        if (message.Length >= IcmpHeader && message[0] == (_v6 ? EchoReplyV6 : EchoReply) && IsOurs(message))
            _answers.Replied(Sequence(message), source, timeToLive, message[IcmpHeader..]);
    }

    private void TakeError(ReadOnlySpan<byte> request, in EchoFailure failure)
    {
        if (!_messages.IsFromNetwork(failure) || request.Length < IcmpHeader || request[0] != (_v6 ? EchoRequestV6 : EchoRequest) || !IsOurs(request))
            return;
        if (IcmpReport.IsError(_address.AddressFamily, failure.Type))
            _answers.Failed(Sequence(request), failure.Destination, new IcmpReport(failure.Reporter, failure.Type, failure.Code, failure.Info));
    }

    /// <summary>A ping socket gets its own only.</summary>
    private bool IsOurs(ReadOnlySpan<byte> message) => !_isRaw || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) == _identifier;

    private static ushort Sequence(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message[6..]);

    /// <summary>Why the system refused to send: it has told so in the error queue. Under the sending lock.</summary>
    private uint PathMtu()
    {
        var mtu = 0u;
        Span<byte> nothing = stackalloc byte[IcmpHeader];
        int count;
        while ((count = _messages.ReceiveError(nothing, out var failure)) >= 0)
        {
            if (failure.Origin == EchoMessages.OriginLocal)
                mtu = failure.Info;
            else
                TakeError(nothing[..count], failure);
        }

        return mtu;
    }

    private static ushort Checksum(ReadOnlySpan<byte> message)
    {
        var sum = 0u;
        for (var i = 0; i + 1 < message.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(message[i..]);
        if (message.Length % 2 != 0)
            sum += (uint)message[^1] << 8;
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)~sum;
    }
}
