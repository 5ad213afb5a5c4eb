namespace FwRedirect.Redirector.Names;

/// <param name="Answer">Where it can be given now.</param>
/// <param name="LookupId">Where it waits for one.</param>
/// <param name="Lookup">How the firewall is to be asked, where the caller has to.</param>
internal readonly record struct NameAskResult(NameAskKind Kind, byte[]? Answer, long LookupId, NameLookupKind Lookup);
