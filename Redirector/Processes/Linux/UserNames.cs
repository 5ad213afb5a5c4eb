using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace FwRedirect.Redirector.Processes.Linux;

/// <summary>From user number to name as the system resolves it (getpwuid_r: /etc/passwd, LDAP, SSSD), asked once a number.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class UserNames
{
    /// <summary>Larger than any entry that the name services give; glibc suggests 1,024.</summary>
    private const int EntrySize = 16 * 1024;

    private readonly ConcurrentDictionary<uint, string> _names = new();

    public string Find(uint uid) => _names.GetOrAdd(uid, Ask);

    private static string Ask(uint uid)
    {
        // struct passwd begins with the name in every Linux libc; 64 bytes hold all of it.
        var entry = stackalloc nint[8];
        var text = (byte*)NativeMemory.Alloc(EntrySize);
        try
        {
            nint found = 0;
            if (GetEntry(uid, entry, text, EntrySize, &found) != 0 || found == 0) return uid.ToString(CultureInfo.InvariantCulture);
            return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry[0]));
        }
        finally
        {
            NativeMemory.Free(text);
        }
    }

    [LibraryImport("libc", EntryPoint = "getpwuid_r")]
    private static partial int GetEntry(uint uid, void* entry, byte* text, nuint length, nint* found);
}
