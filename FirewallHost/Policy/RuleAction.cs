namespace FwRedirect.FirewallHost.Policy;

internal enum RuleAction
{
    Allow,
    Deny,
}
