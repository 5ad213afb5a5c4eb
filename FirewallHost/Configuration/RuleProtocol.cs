namespace FwRedirect.FirewallHost.Configuration;

/// <summary>What a rule's Protocols may name.</summary>
internal enum RuleProtocol
{
    Tcp,
    Udp,

    /// <summary>ICMP echo: ISA Server's protocol definition of that name.</summary>
    Ping,
}
