using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>The secrets, nonces and proofs of resuming are all of one length.</summary>
internal static class ResumeSecret
{
    /// <summary>All that is left of a tagged field.</summary>
    public static byte[] Read(ref RwsReader reader, string field) => Checked(reader.ReadRestBytes(field, RwsLimits.ResumeSecret), field);

    /// <summary>A bytes16.</summary>
    public static byte[] ReadCounted(ref RwsReader reader, string field) => Checked(reader.ReadBytes(field, RwsLimits.ResumeSecret), field);

    private static byte[] Checked(ReadOnlySpan<byte> value, string field)
    {
        if (value.Length != RwsLimits.ResumeSecret)
            RwsFormatException.ThrowValue(field, $"{value.Length} bytes", $"{RwsLimits.ResumeSecret}");
        return value.ToArray();
    }
}
