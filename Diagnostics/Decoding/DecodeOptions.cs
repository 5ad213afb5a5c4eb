namespace FwRedirect.Diagnostics.Decoding;

/// <param name="ControlPorts">TCP ports of the firewall on which control channels are looked for.</param>
/// <param name="ShowPasswords">Prints FTP passwords of real accounts; those of anonymous ones, which are no secret, print always.</param>
internal sealed record DecodeOptions(IReadOnlySet<int> ControlPorts, bool ShowPasswords)
{
    public const int DefaultControlPort = 1745;

    public static DecodeOptions Default { get; } = new(new HashSet<int> { DefaultControlPort }, ShowPasswords: false);
}
