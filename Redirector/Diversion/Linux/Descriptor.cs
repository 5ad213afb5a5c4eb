using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace FwRedirect.Redirector.Diversion.Linux;

/// <summary>A file descriptor that closes once nobody uses it: a thread that waits on it cannot meet a reused number.</summary>
[SupportedOSPlatform("linux")]
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor() : base(ownsHandle: true)
    {
    }

    public Descriptor(int value) : base(ownsHandle: true) => SetHandle(value);

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
