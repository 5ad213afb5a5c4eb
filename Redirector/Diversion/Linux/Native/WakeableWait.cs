using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Native;

/// <summary>Waits until a descriptor can be read, and can be woken for good by another thread (eventfd beside it in the same poll).</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class WakeableWait : IDisposable
{
    private readonly Descriptor _event = Libc.EventDescriptor(0, Libc.CloseOnExec | Libc.NonBlocking).OrThrow("eventfd");
    private volatile bool _ended;

    /// <summary>True once <see cref="End"/> was called.</summary>
    public bool Ended => _ended;

    /// <summary>True when <paramref name="descriptor"/> has something (or an error) to read; false once <see cref="End"/> was called.</summary>
    public bool Wait(Descriptor descriptor)
    {
        bool held = false, heldEvent = false;
        try
        {
            descriptor.DangerousAddRef(ref held);
            _event.DangerousAddRef(ref heldEvent);
            var entries = stackalloc Libc.PollEntry[2];
            entries[0] = new Libc.PollEntry { Descriptor = (int)descriptor.DangerousGetHandle(), Events = Libc.PollIn };
            entries[1] = new Libc.PollEntry { Descriptor = (int)_event.DangerousGetHandle(), Events = Libc.PollIn };
            while (!_ended)
            {
                if (Libc.Poll(entries, 2, -1) > 0)
                {
                    if (entries[0].Happened != 0 && !_ended) return true;
                }
                else if (Marshal.GetLastPInvokeError() != Libc.Interrupted)
                {
                    throw Libc.Failure("poll");
                }
            }

            return false;
        }
        finally
        {
            if (held) descriptor.DangerousRelease();
            if (heldEvent) _event.DangerousRelease();
        }
    }

    public void End()
    {
        _ended = true;
        if (_event.IsClosed) return;
        ulong one = 1;
        _ = Libc.Write(_event, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        End();
        _event.Dispose();
    }
}
