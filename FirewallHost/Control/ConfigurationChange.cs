namespace FwRedirect.FirewallHost.Control;

/// <summary>What came of a configuration that was read again.</summary>
/// <param name="Replaced">Keys whose new content is in force.</param>
/// <param name="NeedRestart">Keys whose new content is not.</param>
/// <param name="Told">Clients that were told of new settings; null where those did not change.</param>
internal sealed record ConfigurationChange(IReadOnlyList<string> Replaced, IReadOnlyList<string> NeedRestart, int? Told);
