using FwRedirect.Redirector.Diversion;

namespace FwRedirect.Redirector.Engine;

/// <summary>
/// What a program has sent to one peer before the firewall answered, in order. Copies: a packet that the diverter keeps charges the program's socket, and a
/// program with a full one would block in send(). Only what can not be sent anew as it is stays with the diverter.
/// </summary>
internal sealed class HeldDatagrams(HeldSpace space)
{
    private readonly Queue<HeldPacket> _packets = [];
    private int _bytes;

    public int Count => _packets.Count;

    /// <summary>Keeps a datagram back; the oldest of this peer go where there is no room.</summary>
    public PacketVerdict Add(ReadOnlySpan<byte> packet, in DivertAddress address, List<EngineAction> actions)
    {
        while (_packets.Count > 0 && (_packets.Count >= FlowLimits.HeldDatagrams || _bytes + packet.Length > FlowLimits.HeldBytes || !space.Fits(packet.Length)))
            Drop(actions);
        if (!space.Fits(packet.Length))
        {
            space.Refused++;
            return PacketVerdict.Drop;
        }
        var stays = address.Segmented || packet.Length > FlowLimits.LargestCopied;
        _packets.Enqueue(new HeldPacket(packet.ToArray(), stays ? address : address with { Id = 0 }));
        _bytes += packet.Length;
        space.Take(packet.Length);
        return stays ? PacketVerdict.Hold : PacketVerdict.Drop;
    }

    public bool TryPeek(out HeldPacket? packet) => _packets.TryPeek(out packet);

    public bool TryTake(out HeldPacket? packet)
    {
        if (!_packets.TryDequeue(out packet))
            return false;
        _bytes -= packet.Bytes.Length;
        space.Give(packet.Bytes.Length);
        return true;
    }

    public void DropAll(List<EngineAction> actions)
    {
        while (_packets.Count > 0)
            Drop(actions);
    }

    private void Drop(List<EngineAction> actions)
    {
        if (TryTake(out var packet) && packet!.Address.Id != 0)
            actions.Add(EngineAction.DropPacket(packet.Address));
    }
}
