namespace FwRedirect.FirewallHost.Configuration;

internal enum RuleAction
{
    Allow,
    Deny,
}
