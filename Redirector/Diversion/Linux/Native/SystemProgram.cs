using System.Diagnostics;
using System.Runtime.Versioning;

namespace FwRedirect.Redirector.Diversion.Linux.Native;

/// <summary>Runs one of the system's own network programs in the network namespace of the calling thread and waits for it.</summary>
[SupportedOSPlatform("linux")]
internal static class SystemProgram
{
    /// <summary>A rule change takes milliseconds; only a held xtables lock takes longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly string[] Folders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"];

    /// <summary>What the program printed.</summary>
    /// <exception cref="IOException">It is missing, failed or was ended for taking too long; the message has its own words.</exception>
    public static string Run(string program, IEnumerable<string> arguments, string? input = null)
    {
        var path = Find(program) ?? throw new IOException($"the program '{program}' is missing");
        var start = new ProcessStartInfo(path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new IOException($"{program} did not start");
        var errors = new List<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null) errors.Add(line.Data);
        };
        process.BeginErrorReadLine();
        using var limit = TimeProvider.System.CreateTimer(_ => process.Kill(), null, Patience, Timeout.InfiniteTimeSpan);
        try
        {
            if (input is not null) process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read all: what it says of that is in its errors.
        }

        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new IOException($"{program} {string.Join(' ', start.ArgumentList)}: {string.Join("; ", errors)} (exit code {process.ExitCode})");
    }

    public static bool Exists(string program) => Find(program) is not null;

    private static string? Find(string program) => Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
