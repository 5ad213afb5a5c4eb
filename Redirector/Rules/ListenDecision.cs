using System.Net;

namespace FwRedirect.Redirector.Rules;

/// <summary>What is asked of the firewall for a listening socket.</summary>
/// <param name="Address">The outside address; null: the firewall's usual one.</param>
/// <param name="Port">The outside port; 0: the program's own where it is free, else one of the firewall's choosing.</param>
/// <param name="IsPublished">A setting names the port: it is asked for until it is had.</param>
/// <param name="IsPersistent">It is asked for again when the firewall, or the way to it, was gone.</param>
/// <param name="Why">Which setting, and where that is from.</param>
internal sealed record ListenDecision(IPAddress? Address, int Port, bool IsPublished, bool IsPersistent, string Why)
{
    /// <summary>UDP: everybody whom the firewall's rules allow may send to it. Else whose datagrams come in is up to the firewall's filtering.</summary>
    public bool TakesStrangers { get; init; }
}
