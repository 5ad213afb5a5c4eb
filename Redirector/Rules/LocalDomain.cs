namespace FwRedirect.Redirector.Rules;

/// <summary>A domain whose names are looked up without the firewall; "*" is every name.</summary>
/// <param name="Source">Where it is from, for the log: a file, or the firewall.</param>
internal sealed record LocalDomain(string Domain, string Source);
