namespace FwRedirect.Diagnostics.Decoding;

/// <summary>What the conversations of one trace know of each other.</summary>
internal sealed class DecodeContext(DecodeOptions options)
{
    public DecodeOptions Options { get; } = options;

    public FirewallFlows Flows { get; } = new();

    public FtpDataEndpoints FtpData { get; } = new();
}
