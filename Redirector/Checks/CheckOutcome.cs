namespace FwRedirect.Redirector.Checks;

internal enum CheckOutcome
{
    Good,
    Wrong,

    /// <summary>Something else has to be good first, or this system has no such thing.</summary>
    NotTried,
}
