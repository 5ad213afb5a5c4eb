using FwRedirect.ControlChannel.Configuration;
using Microsoft.Extensions.Configuration;

namespace FwRedirect.ControlChannel.Settings;

/// <summary>Reads the key Applications of either configuration: by application, then by setting. Every mistake goes to the other mistakes of the file.</summary>
/// <param name="source">For <see cref="Setting.Source"/>.</param>
internal sealed class SettingsReader(ConfigurationKeys keys, string source)
{
    public ApplicationSettings Read(string key)
    {
        var section = keys.Section(key);
        if (section.Value is { Length: > 0 })
            keys.Wrong(key, "is one value; wanted is an object with an entry for each application, such as { \"ftp\": { \"Disable\": true } }");
        var settings = new List<Setting>();
        foreach (var (name, application) in section.GetChildren().SelectMany(Applications))
            Read(new ApplicationName(name), application, settings);
        foreach (var (setting, what) in SettingsCheck.Contradictions(settings))
            keys.Wrong($"{key}:{setting.Application}:{setting.Key}", what);
        return new ApplicationSettings(settings);
    }

    /// <summary>The configuration parts its keys at colons, and so C:\Tools\ftp.exe into the drive and the rest.</summary>
    private static IEnumerable<(string Name, IConfigurationSection Section)> Applications(IConfigurationSection section)
    {
        var ofDrive = section.Key.Length == 1 ? section.GetChildren().Where(child => child.Key is ['\\' or '/', ..]).ToList() : [];
        return ofDrive.Count > 0 ? ofDrive.Select(child => ($"{section.Key}:{child.Key}", child)) : [(section.Key, section)];
    }

    private void Read(ApplicationName application, IConfigurationSection section, List<Setting> settings)
    {
        if (section.Value is { Length: > 0 })
            keys.Wrong(section.Path, "is one value; wanted is an object with settings, such as { \"Disable\": true }");
        foreach (var entry in section.GetChildren())
        {
            if (SettingTable.Find(entry.Key) is not { } key)
                keys.Wrong(entry.Path, SettingTable.Suggest(entry.Key) is { } near ? $"is no application setting; did you mean {near}?" : "is no application setting");
            else if (Text(entry) is not { } text || SettingTable.Parse(key, text) is not { } value)
                keys.Wrong(entry.Path, $"\"{Text(entry)}\" is not {SettingTable.Wanted(key)}");
            else
                settings.Add(new Setting(application, key, value, source));
        }
    }

    /// <summary>A list may be one text with commas between, or a list.</summary>
    private static string? Text(IConfigurationSection entry) =>
        entry.Value?.Trim() ?? (entry.GetChildren().ToList() is { Count: > 0 } items && items.TrueForAll(i => i.Value is not null) ? string.Join(",", items.Select(i => i.Value)) : null);
}
