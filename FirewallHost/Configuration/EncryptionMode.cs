namespace FwRedirect.FirewallHost.Configuration;

/// <summary>TLS on the control channel. "Required" is a value of the key, refused until TLS is there.</summary>
internal enum EncryptionMode
{
    Off,
    Optional,
    Required,
}
