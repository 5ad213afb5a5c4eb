using System.Buffers.Binary;
using System.Text;
using FwRedirect.ControlChannel.Names;

namespace FwRedirect.Tests.ControlChannel.Names;

/// <summary>Hand-built queries, and answers to them.</summary>
internal static class Queries
{
    public const ushort A = 1, Soa = 6, Ptr = 12, Mx = 15, Txt = 16, Aaaa = 28, Srv = 33;

    public static byte[] Make(string name, ushort type, ushort id = 1, ushort edns = 0, ushort queryClass = 1, bool dnssecOk = false, byte[]? options = null)
    {
        List<byte> message = [(byte)(id >> 8), (byte)id, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(edns == 0 ? 0 : 1)];
        message.AddRange(Name(name));
        var tail = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(tail, type);
        BinaryPrimitives.WriteUInt16BigEndian(tail.AsSpan(2), queryClass);
        message.AddRange(tail);
        options ??= [];
        if (edns != 0)
            message.AddRange([0, 0, 41, (byte)(edns >> 8), (byte)edns, 0, 0, (byte)(dnssecOk ? 0x80 : 0), 0, (byte)(options.Length >> 8), (byte)options.Length, .. options]);
        return [.. message];
    }

    /// <summary>An answer with the records, each "section (1 to 3), type, ttl, data", that all belong to the name that was asked for.</summary>
    public static byte[] Answer(byte[] query, int code = 0, params (int Section, ushort Type, uint Ttl, byte[] Data)[] records)
    {
        var end = 12;
        while (query[end] != 0)
            end += query[end] + 1;
        List<byte> message = [query[0], query[1], 0x81, (byte)(0x80 | code), 0, 1, .. Count(1), .. Count(2), .. Count(3), .. query[12..(end + 5)]];
        foreach (var (_, type, ttl, data) in records.OrderBy(record => record.Section))
        {
            message.AddRange([0xC0, 12, (byte)(type >> 8), (byte)type, 0, 1, (byte)(ttl >> 24), (byte)(ttl >> 16), (byte)(ttl >> 8), (byte)ttl]);
            message.AddRange([(byte)(data.Length >> 8), (byte)data.Length, .. data]);
        }
        return [.. message];

        byte[] Count(int section) => [0, (byte)records.Count(record => record.Section == section)];
    }

    public static byte[] SoaData(uint minimum) =>
        [.. Name("ns.contoso.com"), .. Name("hostmaster.contoso.com"), .. new byte[16], (byte)(minimum >> 24), (byte)(minimum >> 16), (byte)(minimum >> 8), (byte)minimum];

    public static DnsQuery Parse(byte[] message)
    {
        Assert.IsTrue(DnsQuery.TryParse(message, out var query));
        return query;
    }

    public static byte[] Name(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)), 0];
}
