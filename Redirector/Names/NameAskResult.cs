namespace FwRedirect.Redirector.Names;

internal readonly record struct NameAskResult(NameAskKind Kind, byte[]? Answer, long LookupId);
