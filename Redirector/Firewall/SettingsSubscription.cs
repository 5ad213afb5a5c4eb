using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.ControlChannel.Status;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Rules;
using Microsoft.Extensions.Logging;

namespace FwRedirect.Redirector.Firewall;

/// <summary>
/// Hears what the firewall sets for its clients, now and at every change. It has a channel of the service's own; where that does not come about (the service has no account that the
/// firewall knows), the first channel of any program serves as well. What was heard last stays in force while there is none.
/// </summary>
internal sealed class SettingsSubscription(
    Func<ProcessInfo, Task<FirewallChannel>> open, Action<FirewallSettings, string> received, TimeProvider time, ILogger<SettingsSubscription> logger) : ICounted
{
    private readonly Lock _gate = new();
    private RwsClientChannel? _channel;
    private Task _answered = Task.CompletedTask;
    private Task _applied = Task.CompletedTask;
    private string _version = "";
    private bool _opening;
    private TimeSpan _pause = FirewallLimits.FirstSettingsPause;
    private long _failed;

    /// <summary>
    /// For the start: asks on a channel of the service's own, and waits for the answer for a moment only. A firewall that is not there yet is found later.
    /// </summary>
    public async Task StartAsync()
    {
        try
        {
            await OpenAsync().WaitAsync(FirewallLimits.FirstSettings, time);
        }
        catch (TimeoutException)
        {
            FirewallLog.SettingsLate(logger, FirewallLimits.FirstSettings.TotalSeconds);
        }
    }

    /// <summary>About once a second: where nobody would tell of changes, the service's own channel is opened again, after pauses that grow.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            if (_channel is not null || _opening || time.GetElapsedTime(_failed) < _pause)
                return;
        }

        _ = OpenAsync();
    }

    /// <summary>It is among the objects of its channel for as long as that is open.</summary>
    public void Count(StatusCounters counters)
    {
        lock (_gate)
            counters.Add("channels", "subscriptions", _channel is null ? 0 : 1);
    }

    /// <summary>A channel of a program has opened: it may serve.</summary>
    public void Opened(FirewallChannel channel) => _ = TakeAsync(channel.Rws);

    /// <summary>The firewall tells of new settings.</summary>
    public void Changed(RwsClientChannel channel, SettingsChanged changed) => _ = Take(channel, changed.Content);

    /// <summary>A channel is over.</summary>
    public void Ended(RwsClientChannel channel)
    {
        lock (_gate)
        {
            if (_channel != channel)
                return;
            _channel = null;
            // A firewall that was restarted is there again in a moment.
            _pause = FirewallLimits.FirstSettingsPause;
            _failed = time.GetTimestamp();
        }
    }

    private async Task OpenAsync()
    {
        lock (_gate)
            _opening = true;
        try
        {
            await TakeAsync((await open(ThisComputer.Service)).Rws);
        }
        catch (ChannelUnavailableException)
        {
            // The channels have said so in the log.
        }
        catch (Exception failure)
        {
            // Nobody awaits the later ones.
            FirewallLog.SettingsFailed(logger, failure.Message);
        }
        finally
        {
            lock (_gate)
            {
                _opening = false;
                _failed = time.GetTimestamp();
                _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, FirewallLimits.LongestSettingsPause.Ticks));
            }
        }
    }

    /// <summary>Asks on this channel, where none serves yet; done when what the one that serves has answered is in force.</summary>
    private async Task TakeAsync(RwsClientChannel channel)
    {
        Task? underWay = null;
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_channel is not null)
            {
                underWay = _answered;
            }
            else
            {
                // A firewall without settings would end the channel.
                if (channel.Setup.SettingsVersion is null)
                    return;
                _channel = channel;
                _answered = answered.Task;
            }
        }

        if (underWay is not null)
        {
            await underWay;
            return;
        }

        // The id stays in use, and the channel with it.
        var reply = await channel.RequestAsync(new GetSettings { Id = channel.Ids.Next() });
        if (reply is SettingsReply settings)
        {
            await Take(channel, settings.Content);
        }
        else
        {
            FirewallLog.SettingsFailed(logger, (reply as ErrorReply)?.Sentence ?? reply.Describe());
            Ended(channel);
        }

        answered.SetResult();
    }

    /// <summary>One after the other, and not in the time of the channel: that may read the machine's networks and change its rules.</summary>
    private Task Take(RwsClientChannel channel, SettingsContent content)
    {
        lock (_gate)
        {
            // After a channel was lost the next may have served before the last word of the first was read.
            if (_channel != channel || content.Version == _version)
                return _applied;
            _version = content.Version;
            return _applied = ApplyAsync(_applied, content, channel.Setup.Firewall);
        }
    }

    private async Task ApplyAsync(Task before, SettingsContent content, string firewall)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var leftOut = new List<string>();
            received(FirewallSettings.From(content, MergedSettings.SourceOf(firewall), leftOut), firewall);
            FirewallLog.Settings(logger, content.Version, firewall, content.LocalAddresses.Count, content.LocalDomains.Count, content.Entries.Count);
            foreach (var what in leftOut)
                FirewallLog.SettingLeftOut(logger, firewall, what);
        }
        catch (Exception failure)
        {
            FirewallLog.SettingsFailed(logger, failure.Message);
        }
    }
}
