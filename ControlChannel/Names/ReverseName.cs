using System.Globalization;
using System.Net;

namespace FwRedirect.ControlChannel.Names;

/// <summary>The names under which addresses are looked up: 21.0.107.131.in-addr.arpa (RFC 1035, 3.5), nibbles under ip6.arpa (RFC 3596, 2.5).</summary>
internal static class ReverseName
{
    private const string IPv4Zone = ".in-addr.arpa";
    private const string IPv6Zone = ".ip6.arpa";

    /// <summary>The address that <paramref name="name"/> stands for; null for any other name, and for a part of an address.</summary>
    public static IPAddress? Address(string name)
    {
        if (name.EndsWith(IPv4Zone, StringComparison.OrdinalIgnoreCase))
            return Address(name[..^IPv4Zone.Length].Split('.'), 4, NumberStyles.None, 255);
        return name.EndsWith(IPv6Zone, StringComparison.OrdinalIgnoreCase)
            ? Address(name[..^IPv6Zone.Length].Split('.'), 32, NumberStyles.AllowHexSpecifier, 15)
            : null;
    }

    private static IPAddress? Address(string[] labels, int count, NumberStyles style, int most)
    {
        if (labels.Length != count)
            return null;
        Span<byte> numbers = stackalloc byte[32];
        for (var i = 0; i < count; i++)
        {
            var label = labels[count - 1 - i];
            // "010" is another name than "10", though the same number.
            if (!byte.TryParse(label, style, CultureInfo.InvariantCulture, out numbers[i]) || numbers[i] > most || label.Length > (most == 15 ? 1 : numbers[i] switch { > 99 => 3, > 9 => 2, _ => 1 }))
                return null;
        }
        if (count == 4)
            return new IPAddress(numbers[..4]);
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < 16; i++)
            bytes[i] = (byte)((numbers[2 * i] << 4) | numbers[(2 * i) + 1]);
        return new IPAddress(bytes);
    }
}
