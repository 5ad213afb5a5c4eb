namespace FwRedirect.Redirector.Configuration;

/// <summary>What a rule does with a program's flow.</summary>
internal enum RedirectionAction
{
    /// <summary>It goes its way as if there were no redirector.</summary>
    Local,

    /// <summary>It goes through the firewall.</summary>
    Redirect,

    /// <summary>It is refused here.</summary>
    Block,
}
