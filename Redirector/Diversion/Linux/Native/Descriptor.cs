using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Native;

/// <summary>A file descriptor that closes once nobody uses it: a thread that waits on it cannot meet a reused number.</summary>
[SupportedOSPlatform("linux")]
internal sealed class Descriptor : SafeHandle
{
    public Descriptor() : base(-1, ownsHandle: true)
    {
    }

    public Descriptor(int value) : base(-1, ownsHandle: true) => SetHandle(value);

    /// <summary>By 32 bits: a C int of -1 comes back in a 64-bit register without its sign.</summary>
    public override bool IsInvalid => (int)handle < 0;

    /// <summary>Itself, or an error that names what could not be opened.</summary>
    public Descriptor OrThrow(string what)
    {
        if (!IsInvalid) return this;
        var failure = Libc.Failure(what);
        Dispose();
        throw failure;
    }

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
