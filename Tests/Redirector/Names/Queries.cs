using System.Buffers.Binary;
using System.Net;
using System.Text;
using FwRedirect.Redirector.Names;

namespace FwRedirect.Tests.Redirector.Names;

/// <summary>Hand-built queries.</summary>
internal static class Queries
{
    public static byte[] Make(string name, ushort type, ushort id = 1, ushort edns = 0, ushort queryClass = 1)
    {
        List<byte> message = [(byte)(id >> 8), (byte)id, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(edns == 0 ? 0 : 1)];
        foreach (var label in name.Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }
        message.Add(0);
        var tail = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(tail, type);
        BinaryPrimitives.WriteUInt16BigEndian(tail.AsSpan(2), queryClass);
        message.AddRange(tail);
        if (edns != 0)
            message.AddRange([0, 0, 41, (byte)(edns >> 8), (byte)edns, 0, 0, 0, 0, 0, 0]);
        return [.. message];
    }

    public static DnsQuery Parse(byte[] message)
    {
        Assert.IsTrue(DnsQuery.TryParse(message, out var query));
        return query;
    }

    public static ResolvedHost Host(string canonical, string[] aliases, params string[] addresses) =>
        new(canonical, aliases, [.. addresses.Select(IPAddress.Parse)]);
}
