using System.Net;
using System.Security.Cryptography;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Settings;

/// <summary>What a firewall sets for its clients, as both ends work with it. <see cref="SettingsContent"/> is the same on the wire.</summary>
/// <param name="ClientEntriesWin">What the client's own file says counts before this; else after it.</param>
internal sealed record FirewallSettings(
    bool ClientEntriesWin, IReadOnlyList<IPNetwork> LocalAddresses, IReadOnlyList<string> LocalDomains, ApplicationSettings Applications)
{
    /// <summary>Of the wire; empty for a firewall that sets nothing.</summary>
    public string Version { get; private init; } = "";

    public static FirewallSettings None { get; } = new(true, [], [], ApplicationSettings.None);

    /// <summary>For the wire. The version is a hash of all the rest: after a restart, and at another firewall of the same settings, it is the same.</summary>
    public SettingsContent ToContent()
    {
        var content = new SettingsContent(
            "", ClientEntriesWin, LocalAddresses, LocalDomains,
            [.. Applications.All.Select(s => new SettingEntry(s.Application.Text, s.Key.ToString(), s.Value.ToString()!))]);
        var hash = SHA256.HashData(RwsPacket.ToArray(new SettingsReply(content)));
        return content with { Version = Convert.ToHexStringLower(hash.AsSpan(0, 8)) };
    }

    /// <summary>Why these can not be sent, in words; null where they can.</summary>
    public string? Complaint()
    {
        try
        {
            var length = RwsPacket.ToArray(new SettingsChanged(ToContent()) { Application = new string('x', RwsLimits.Application) }).Length;
            return length <= RwsLimits.PacketLength ? null : $"{length} bytes";
        }
        catch (ArgumentException tooMuch)
        {
            return tooMuch.Message;
        }
    }

    /// <summary>From the wire. What this version does not know, or what can not be right, is left out and named: another firewall may be newer.</summary>
    /// <param name="source">For <see cref="Setting.Source"/>.</param>
    /// <param name="leftOut">Takes a sentence for each.</param>
    public static FirewallSettings From(SettingsContent content, string source, List<string> leftOut)
    {
        var settings = new List<Setting>();
        foreach (var entry in content.Entries)
        {
            if (SettingTable.Find(entry.Key) is not { } key)
                leftOut.Add($"{entry.Key} of {entry.Application} is no setting that this version knows");
            else if (entry.Application.Length == 0 || SettingTable.Parse(key, entry.Value) is not { } value)
                leftOut.Add($"{entry.Key}={entry.Value} of {entry.Application} is not {SettingTable.Wanted(key)}");
            else
                settings.Add(new Setting(new ApplicationName(entry.Application), key, value, source));
        }

        foreach (var domain in content.LocalDomains.Where(d => !IsDomain(d)))
            leftOut.Add($"the local domain {domain} is no domain");
        return new FirewallSettings(
            content.ClientEntriesWin, content.LocalAddresses, [.. content.LocalDomains.Where(IsDomain)], new ApplicationSettings(settings))
        {
            Version = content.Version,
        };
    }

    private static bool IsDomain(string text) => text == "*" || Uri.CheckHostName(text) == UriHostNameType.Dns;
}
