using System.Diagnostics.CodeAnalysis;

namespace FwRedirect.ControlChannel.Wire;

/// <summary>The bytes of one packet are not what PROTOCOL.md says. The message names the field; the session that received it ends.</summary>
public sealed class RwsFormatException(string message) : Exception(message)
{
    [DoesNotReturn]
    internal static void ThrowTruncated(string field, int wanted, int left) =>
        throw new RwsFormatException($"{field}: {wanted} bytes wanted, {left} left in the packet");

    [DoesNotReturn]
    internal static void ThrowTooLong(string field, long length, long most) =>
        throw new RwsFormatException($"{field}: length {length} is over the limit of {most}");

    [DoesNotReturn]
    internal static void ThrowValue(string field, string value, string wanted) =>
        throw new RwsFormatException($"{field}: {value} where {wanted} is wanted");

    [DoesNotReturn]
    internal static void ThrowTrailing(string part, int left) =>
        throw new RwsFormatException($"{part}: {left} bytes left over");
}
