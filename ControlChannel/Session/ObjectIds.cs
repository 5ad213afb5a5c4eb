using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.ControlChannel.Session;

/// <summary>
/// Gives the ids of one channel. A number is taken when the object is made, not when it is sent: the article's session skips 3, which went to a look-up
/// that was answered locally (reference: checklist 1.5). When the 16-bit counter comes round, numbers still in use are passed over. Thread-safe.
/// </summary>
public sealed class ObjectIds
{
    private readonly HashSet<ushort> _used = [];
    private readonly Lock _gate = new();
    private ushort _counter;

    /// <summary>Objects that are not released.</summary>
    public int InUse
    {
        get
        {
            lock (_gate)
                return _used.Count;
        }
    }

    public ObjectId Next(bool boundSocket = false)
    {
        lock (_gate)
        {
            if (_used.Count >= ushort.MaxValue)
                throw new InvalidOperationException($"all {ushort.MaxValue} object ids of this channel are in use");
            do
            {
                _counter++;
            }
            while (_counter == 0 || !_used.Add(_counter));
            return new ObjectId(((uint)_counter << 16) | (boundSocket ? ObjectId.BoundSocket : 0));
        }
    }

    /// <summary>The object is gone on both sides.</summary>
    public void Release(ObjectId id)
    {
        lock (_gate)
            _used.Remove((ushort)(id.Value >> 16));
    }
}
