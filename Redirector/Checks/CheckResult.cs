namespace FwRedirect.Redirector.Checks;

/// <param name="Outcome">Whether the service could run.</param>
/// <param name="Text">What was found; of what is wrong, what to do.</param>
internal readonly record struct CheckResult(CheckOutcome Outcome, string Text)
{
    public static CheckResult Good(string text) => new(CheckOutcome.Good, text);

    public static CheckResult Wrong(string text) => new(CheckOutcome.Wrong, text);

    public static CheckResult NotTried(string text) => new(CheckOutcome.NotTried, text);
}
