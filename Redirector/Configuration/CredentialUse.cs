namespace FwRedirect.Redirector.Configuration;

/// <summary>For which programs the configured credentials are used; the key Credentials:For.</summary>
internal enum CredentialUse
{
    /// <summary>Programs without a person behind them, whose account means nothing to the firewall. Windows: services; Linux: all.</summary>
    Services,

    /// <summary>All programs: the people's own accounts are not known to the firewall.</summary>
    Everyone,
}
