namespace FwRedirect.FirewallHost.Configuration;

internal delegate bool TryParse<T>(string text, out T value);
