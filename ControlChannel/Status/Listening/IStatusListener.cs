namespace FwRedirect.ControlChannel.Status.Listening;

/// <summary>The system's own way of letting somebody in who may ask.</summary>
internal interface IStatusListener : IDisposable
{
    /// <summary>Waits for the next one; the stream is the caller's.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    Task<Stream> AcceptAsync(CancellationToken stop);
}
