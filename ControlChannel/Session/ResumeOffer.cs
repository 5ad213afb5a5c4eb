namespace FwRedirect.ControlChannel.Session;

/// <summary>What a firewall offers on one connection so that the session can be resumed on another.</summary>
/// <param name="Session">The number of the session, should this connection begin one.</param>
/// <param name="Secret">32 random bytes of that session.</param>
/// <param name="Nonce">32 random bytes of this connection.</param>
/// <param name="Grace">How long a lost session is kept.</param>
public sealed record ResumeOffer(uint Session, ReadOnlyMemory<byte> Secret, ReadOnlyMemory<byte> Nonce, TimeSpan Grace)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"session 0x{Session:X}, kept for {Grace.TotalSeconds} s";
}
