namespace FwRedirect.ControlChannel.Authentication;

/// <summary>What a trace says of an authentication token.</summary>
internal static class AuthenticationToken
{
    public static string Describe(string package, ReadOnlySpan<byte> token) => $"{package}:{token.Length} bytes";
}
