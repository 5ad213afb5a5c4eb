using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>ARP for IPv4 over Ethernet (RFC 826).</summary>
internal static class AddressResolution
{
    /// <summary>Sender, target and line; false for a packet that is cut off or about other kinds of addresses.</summary>
    public static bool TryDescribe(ReadOnlySpan<byte> packet, out string source, out string destination, out string text)
    {
        (source, destination, text) = ("", "", "");
        if (packet.Length < 28 || !packet[..6].SequenceEqual((ReadOnlySpan<byte>)[0, 1, 8, 0, 6, 4]))
            return false;
        source = new IPAddress(packet.Slice(14, 4)).ToString();
        destination = new IPAddress(packet.Slice(24, 4)).ToString();
        text = packet[7] switch
        {
            1 => $"ARP:Request, {source} asks for {destination}",
            2 => $"ARP:Response, {source} at {Convert.ToHexString(packet.Slice(8, 6))}",
            _ => $"ARP:Operation {packet[7]}",
        };
        return true;
    }
}
