namespace FwRedirect.ControlChannel.Settings;

/// <summary>All application settings of one source. Of one key, what is said for a path counts before what is said for a name, and that before what is said for every program.</summary>
internal sealed class ApplicationSettings(IReadOnlyList<Setting> settings)
{
    public static ApplicationSettings None { get; } = new([]);

    public IReadOnlyList<Setting> All => settings;

    public bool Any(SettingKey key) => settings.Any(s => s.Key == key);

    /// <summary>What counts for a program; null where nothing is said.</summary>
    public Setting? Find(SettingKey key, string name, string? path)
    {
        Setting? found = null;
        foreach (var setting in settings)
        {
            if (setting.Key == key && Rank(setting.Application) > Rank(found?.Application) && setting.Application.Matches(name, path))
                found = setting;
        }

        return found;
    }

    /// <summary>How exact an application is named.</summary>
    public static int Rank(ApplicationName? application) => application switch
    {
        null => 0,
        { IsEveryProgram: true } => 1,
        { IsPath: false } => 2,
        _ => 3,
    };
}
