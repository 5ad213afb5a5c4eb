namespace FwRedirect.Redirector.Diversion;

/// <summary>
/// Takes packets out of the system's stack and puts them back: WinDivert on Windows, NFQUEUE on Linux, a capture file in tests.
/// Each queue is read by one thread of its own, in order; <see cref="Send"/> and <see cref="Drop"/> may be called from any thread,
/// and do nothing once it is disposed of.
/// Opening one changes the system (rules, routes, driver handle); <see cref="IDisposable.Dispose"/> undoes all of it.
/// </summary>
public interface IPacketDiverter : IDisposable
{
    /// <summary>Independent queues; packets of one direction of a flow stay in one queue.</summary>
    int QueueCount { get; }

    /// <summary>Clears <paramref name="batch"/> and fills it; blocks until there is a packet. False once <see cref="Shutdown"/> was called and nothing is left.</summary>
    bool Receive(int queue, PacketBatch batch);

    /// <summary>Carries out the verdict of each packet in a batch that <see cref="Receive"/> filled.</summary>
    void Complete(int queue, PacketBatch batch);

    /// <summary>
    /// Sends <paramref name="packet"/>: in the place of a held packet where <paramref name="address"/> is that packet's, else as a new one in the address's direction.
    /// Checksums that the address does not call valid are computed here.
    /// </summary>
    void Send(ReadOnlySpan<byte> packet, in DivertAddress address);

    /// <summary>Lets a held packet go nowhere.</summary>
    void Drop(in DivertAddress address);

    /// <summary>Ends every blocked and later <see cref="Receive"/>; packets that still wait pass as they came.</summary>
    void Shutdown();
}
