namespace FwRedirect.FirewallHost.Policy;

/// <summary>Yes or no, and the rule that says so.</summary>
internal readonly record struct AccessDecision(bool Allowed, string Rule)
{
    public string Sentence => Allowed ? $"allowed by the rule '{Rule}'" : $"denied by the rule '{Rule}'";
}
