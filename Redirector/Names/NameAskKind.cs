namespace FwRedirect.Redirector.Names;

/// <summary>What becomes of a query.</summary>
internal enum NameAskKind : byte
{
    /// <summary>The answer is in <see cref="NameAskResult.Answer"/>.</summary>
    AnswerNow,

    /// <summary>It waits for a look-up that is under way.</summary>
    Wait,

    /// <summary>It waits for a look-up that the caller has to start now, under <see cref="NameAskResult.LookupId"/>.</summary>
    StartLookup,
}
