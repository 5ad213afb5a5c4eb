using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FwRedirect.ControlChannel.Names;
using FwRedirect.FirewallHost.Names;
using Dns = FwRedirect.Tests.ControlChannel.Names.Queries;
using Record = (int Section, ushort Type, uint Ttl, byte[] Data);

namespace FwRedirect.Tests.FirewallHost.Names;

/// <summary>A DNS server on loopback with a handful of names, answering by bytes of its own, over UDP and TCP.</summary>
internal sealed class DnsResponder : IDisposable
{
    public const int BigLength = 3000;

    private const uint SoaMinimum = 300;
    private readonly UdpClient _socket;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly bool _fails;

    /// <param name="fails">Answers everything with SERVFAIL.</param>
    public DnsResponder(bool fails = false)
    {
        _fails = fails;
        _listener.Start();
        _socket = new UdpClient((IPEndPoint)_listener.LocalEndpoint);
        _ = AnswerAsync();
        _ = ListenAsync();
    }

    public IPEndPoint Endpoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

    /// <summary>All that came, ids and all.</summary>
    public ConcurrentQueue<byte[]> Queries { get; } = [];

    public void Dispose()
    {
        _socket.Dispose();
        _listener.Dispose();
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync();
                Queries.Enqueue(query.Buffer);
                foreach (var answer in Answers(query.Buffer, overTcp: false))
                    await _socket.SendAsync(answer, query.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                var stream = client.GetStream();
                if (await DnsStream.ReadAsync(stream, ushort.MaxValue, CancellationToken.None) is not { } query)
                    continue;
                Queries.Enqueue(query);
                foreach (var answer in Answers(query, overTcp: true))
                    await DnsStream.WriteAsync(stream, answer, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException or IOException)
        {
            // The test is over.
        }
    }

    private byte[][] Answers(byte[] message, bool overTcp)
    {
        var query = Dns.Parse(message);
        if (_fails)
            return [Dns.Answer(message, 2)];
        return query.Name.ToLowerInvariant() switch
        {
            "silent.example" => [],
            "broken.example" => [Dns.Answer(message, 2)],
            "empty.example" => [Dns.Answer(message)],
            "ftp.contoso.com" => [Chain(message, query.Type)],
            "21.0.107.131.in-addr.arpa" => [Found(message, Pointer("ftp.contoso.com"), Pointer("www.contoso.com"), Pointer("not a name"))],
            "mail.example" => [Found(message, (1, Dns.Mx, 60, [0, 10, .. Dns.Name("mx.example")]))],
            "signed.example" => [Found(message, (1, Dns.A, 60, [131, 107, 0, 22]), (1, 46, 60, new byte[40]))],
            "big.example" => [overTcp ? Found(message, (1, Dns.Txt, 60, new byte[BigLength])) : Truncated(message)],
            // First what somebody else might send who guesses.
            "forged.example" => [WithId(Found(message), message, 1), Dns.Answer(Dns.Make("x.example", query.Type, query.Id)), Chain(message, query.Type)],
            _ => [Dns.Answer(message, 3, (2, Dns.Soa, 600, Dns.SoaData(SoaMinimum)))],
        };
    }

    private static Record Pointer(string name) => (1, Dns.Ptr, 60, Dns.Name(name));

    private static byte[] Found(byte[] query, params Record[] records) => Dns.Answer(query, 0, records);

    private static byte[] Truncated(byte[] query)
    {
        var answer = Found(query);
        answer[2] |= 0x02;
        return answer;
    }

    private static byte[] WithId(byte[] answer, byte[] query, int more)
    {
        BinaryPrimitives.WriteUInt16BigEndian(answer, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(query) + more));
        return answer;
    }

    /// <summary>A CNAME, and the address of what it leads to: its owner is written out.</summary>
    private static byte[] Chain(byte[] query, ushort type)
    {
        var host = Dns.Name("host.contoso.com");
        byte[] address = type == Dns.A ? [131, 107, 0, 21] : IPAddress.Parse("2001:db8::21").GetAddressBytes();
        var answer = Found(query, (1, DnsType.CanonicalName, 300, host));
        answer[7]++;
        return [.. answer, .. host, 0, (byte)type, 0, 1, 0, 0, 0, 60, 0, (byte)address.Length, .. address];
    }
}
