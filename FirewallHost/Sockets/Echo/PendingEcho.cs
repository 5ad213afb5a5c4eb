using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.FirewallHost.Sockets.Echo;

/// <summary>An echo request that is outside, and whose it is.</summary>
/// <param name="Request">Without its data.</param>
internal sealed record PendingEcho(IEchoOwner Owner, EchoRequest Request, long SentAt)
{
    /// <summary>A network that loops, or somebody who guesses, may answer one request often.</summary>
    private const int MostReplies = 8;

    private int _replies;

    public bool TakesReply() => Interlocked.Increment(ref _replies) <= MostReplies;
}
