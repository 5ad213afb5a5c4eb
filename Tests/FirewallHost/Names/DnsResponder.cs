using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FwRedirect.Tests.FirewallHost.Names;

/// <summary>A DNS server on loopback with a handful of names, answering by bytes of its own.</summary>
internal sealed class DnsResponder : IDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));

    public DnsResponder() => _ = AnswerAsync();

    public IPEndPoint Endpoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

    public void Dispose() => _socket.Dispose();

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync();
                if (Answer(query.Buffer) is { } answer)
                    await _socket.SendAsync(answer, query.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private static byte[]? Answer(byte[] query)
    {
        var end = 12;
        var labels = new List<string>();
        for (; query[end] != 0; end += query[end] + 1)
            labels.Add(Encoding.ASCII.GetString(query, end + 1, query[end]));
        var type = BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(end + 1));
        var name = string.Join('.', labels);
        if (name == "silent.example")
            return null;

        var records = new List<byte[]>();
        if (name == "ftp.contoso.com")
        {
            records.Add(Record([0xC0, 12], 5, 300, Name("host.contoso.com")));
            if (type == 1)
                records.Add(Record(Name("host.contoso.com"), 1, 60, [131, 107, 0, 21]));
            else
                records.Add(Record(Name("host.contoso.com"), 28, 60, IPAddress.Parse("2001:db8::21").GetAddressBytes()));
        }

        var code = name switch { "ftp.contoso.com" or "empty.example" => 0, "broken.example" => 2, _ => 3 };
        byte[] header = [query[0], query[1], 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)records.Count, 0, 0, 0, 0];
        return [.. header, .. query[12..(end + 5)], .. records.SelectMany(record => record)];
    }

    private static byte[] Record(byte[] owner, byte type, int seconds, byte[] data) =>
        [.. owner, 0, type, 0, 1, 0, 0, (byte)(seconds >> 8), (byte)seconds, 0, (byte)data.Length, .. data];

    private static byte[] Name(string name) => [.. name.Split('.').SelectMany(label => new[] { (byte)label.Length }.Concat(Encoding.ASCII.GetBytes(label))), 0];
}
