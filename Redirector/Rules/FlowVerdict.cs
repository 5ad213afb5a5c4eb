namespace FwRedirect.Redirector.Rules;

/// <summary>What becomes of a program's flow, or of its question for a name.</summary>
internal enum FlowVerdict
{
    /// <summary>Left alone: it goes its way as if there were no redirector.</summary>
    Local,

    /// <summary>Through the firewall.</summary>
    Redirect,

    /// <summary>Refused here, without asking the firewall.</summary>
    Block,
}
