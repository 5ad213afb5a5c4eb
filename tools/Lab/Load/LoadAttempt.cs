namespace FwRedirect.Lab.Load;

/// <summary>A short connection: connect, one byte there and back, close.</summary>
/// <param name="Outcome">"answered", or the error that the program got; "under way" where it had neither when the load ended.</param>
/// <param name="Started">When connect() was called.</param>
/// <param name="Milliseconds">Until the outcome.</param>
internal sealed record LoadAttempt(string Outcome, DateTimeOffset Started, double Milliseconds)
{
    public const string Answered = "answered";
    public const string UnderWay = "under way";

    public DateTimeOffset Ended => Started.AddMilliseconds(Milliseconds);
}
