namespace FwRedirect.FirewallHost.Relay;

/// <summary>One way of a relay: as it is, or through a filter.</summary>
internal interface IRelayDirection
{
    /// <summary>Bytes delivered so far.</summary>
    long Bytes { get; }

    /// <summary>Moves bytes until the source's FIN, which is passed on, or a failure; never throws.</summary>
    Task<DirectionEnd> RunAsync();
}
