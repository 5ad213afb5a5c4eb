namespace FwRedirect.Redirector.Rules;

/// <summary>A verdict with its why: which rule or setting, and where that is from.</summary>
internal sealed record FlowDecision(FlowVerdict Verdict, string Why)
{
    /// <summary>No rule and no setting spoke of it.</summary>
    public static FlowDecision Default { get; } = new(FlowVerdict.Redirect, "default");

    /// <summary>"redirected: default", "local: Disable=1 of ftp, fwredirect.json".</summary>
    public override string ToString() => $"{Word}: {Why}";

    private string Word => Verdict switch
    {
        FlowVerdict.Local => "local",
        FlowVerdict.Block => "blocked",
        _ => "redirected",
    };
}
