using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Service.Windows;

/// <summary>One redirector a machine: two would take each other's packets. A named object that Windows removes with its last holder, however that ends.</summary>
[SupportedOSPlatform("windows")]
internal static class MachineClaim
{
    /// <summary>Of all sessions: the service's and an administrator's own.</summary>
    private const string Name = @"Global\FwRedirect";

    /// <exception cref="IOException">Another process has it.</exception>
    public static IDisposable Take() => Take(Name);

    public static IDisposable Take(string name)
    {
        Mutex mutex;
        bool isOurs;
        try
        {
            // Never locked: a mutex belongs to a thread, and a stop may come on another one. That it exists says enough.
            mutex = new Mutex(initiallyOwned: false, name, out isOurs);
        }
        catch (Exception taken) when (taken is UnauthorizedAccessException or WaitHandleCannotBeOpenedException)
        {
            throw Taken(name, taken);
        }

        if (isOurs)
            return mutex;
        mutex.Dispose();
        throw Taken(name, null);
    }

    private static IOException Taken(string name, Exception? inner) => new($"another fwredirect runs on this machine already (it has {name})", inner);
}
