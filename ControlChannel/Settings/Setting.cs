namespace FwRedirect.ControlChannel.Settings;

/// <summary>One setting of one application.</summary>
/// <param name="Source">Where it is from: a file, or "the firewall" and its name.</param>
internal sealed record Setting(ApplicationName Application, SettingKey Key, SettingValue Value, string Source)
{
    public bool IsSet => Value is SettingValue.Flag { IsSet: true };

    public PortList Ports => Value is SettingValue.Ports ports ? ports.List : PortList.Empty;

    /// <summary>For a log and for who asks why.</summary>
    public override string ToString() => $"{Key}={Value} of {Application}, {Source}";
}
