namespace FwRedirect.FirewallHost.Relay;

/// <summary>One way of a relay: as it is, or through a filter.</summary>
internal interface IRelayDirection
{
    /// <summary>Bytes delivered so far.</summary>
    long Bytes { get; }

    /// <summary>Moves bytes until the source's FIN, which is passed on, or a failure; never throws.</summary>
    /// <param name="atFin">Called with the source's FIN, before it is passed on: the other side may answer it with its own at once.</param>
    Task<DirectionEnd> RunAsync(Action atFin);
}
