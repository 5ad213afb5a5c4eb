using System.Runtime.InteropServices;
using FwRedirect.ControlChannel.Configuration;
using FwRedirect.FirewallHost.Configuration;
using Microsoft.Extensions.Logging;

namespace FwRedirect.FirewallHost.Control;

/// <summary>
/// Reads the configuration again when its file changes, and at SIGHUP. What can be changed while the firewall runs is put in force; a file that is wrong changes nothing.
/// </summary>
internal sealed partial class ConfigurationReload : IDisposable
{
    /// <summary>An editor writes in several steps: the file is read when it has been left alone for so long.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    private readonly Firewall _firewall;
    private readonly Func<FirewallOptions> _read;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly FileSystemWatcher? _watcher;
    private readonly PosixSignalRegistration? _signal;

    /// <param name="read">Throws <see cref="ConfigurationException"/> with every mistake there is.</param>
    public ConfigurationReload(Firewall firewall, string file, Func<FirewallOptions> read, TimeProvider time, ILogger logger)
    {
        _firewall = firewall;
        _read = read;
        _logger = logger;
        _timer = time.CreateTimer(_ => Reload(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var path = Path.GetFullPath(file);
        try
        {
            // The folder, not the file: whoever replaces a file makes a new one of the same name.
            _watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path));
            _watcher.Changed += (_, _) => Notice();
            _watcher.Created += (_, _) => Notice();
            _watcher.Renamed += (_, _) => Notice();
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            LogNotWatched(path, e.Message);
        }

        // Windows has no SIGHUP; what .NET calls so there is a console that is closed.
        if (!OperatingSystem.IsWindows())
        {
            _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                Notice();
            });
        }
    }

    public void Dispose()
    {
        _signal?.Dispose();
        _watcher?.Dispose();
        _timer.Dispose();
    }

    private void Notice() => _timer.Change(Quiet, Timeout.InfiniteTimeSpan);

    private void Reload()
    {
        try
        {
            Apply(_read());
        }
        catch (ConfigurationException wrong)
        {
            foreach (var error in wrong.Errors)
                LogWrong(error);
        }
        catch (Exception failure)
        {
            // On a timer's thread nobody else would catch it.
            LogFailed(failure);
        }
    }

    private void Apply(FirewallOptions options)
    {
        var change = _firewall.Replace(options);
        foreach (var key in change.NeedRestart)
            LogNeedsRestart(key);
        if (change.Replaced.Count > 0)
            LogReplaced(string.Join(", ", change.Replaced));
        if (change.Told is { } told)
            LogPublished(_firewall.Settings.Version, told);
    }

    [LoggerMessage(110, LogLevel.Information, "the configuration was read again: {Keys} are in force for what begins from now on")]
    private partial void LogReplaced(string keys);

    [LoggerMessage(111, LogLevel.Information, "the settings for clients are now version {Version}; {Sessions} clients were told")]
    private partial void LogPublished(string version, int sessions);

    [LoggerMessage(112, LogLevel.Warning, "{Key} has changed and counts only after a restart")]
    private partial void LogNeedsRestart(string key);

    [LoggerMessage(113, LogLevel.Error, "the changed configuration is wrong, what was in force stays: {Error}")]
    private partial void LogWrong(string error);

    [LoggerMessage(114, LogLevel.Error, "the changed configuration could not be put in force")]
    private partial void LogFailed(Exception failure);

    [LoggerMessage(115, LogLevel.Warning, "{File} can not be watched for changes ({Reason}); SIGHUP makes the firewall read it again")]
    private partial void LogNotWatched(string file, string reason);
}
