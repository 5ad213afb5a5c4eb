namespace FwRedirect.ControlChannel.Settings;

/// <summary>What is wrong with settings that are right one by one.</summary>
internal static class SettingsCheck
{
    private static readonly SettingKey[][] OneListOnly =
    [
        [SettingKey.LocalBindTcpPorts, SettingKey.RemoteBindTcpPorts, SettingKey.ServerBindTcpPorts],
        [SettingKey.LocalBindUdpPorts, SettingKey.RemoteBindUdpPorts, SettingKey.ServerBindUdpPorts],
    ];

    /// <summary>A port in two of the lists Local, Remote and Server of one application; and what is said twice.</summary>
    public static IEnumerable<(Setting Setting, string What)> Contradictions(IReadOnlyList<Setting> settings)
    {
        foreach (var application in settings.GroupBy(s => s.Application))
        {
            foreach (var twice in application.GroupBy(s => s.Key).Where(g => g.Count() > 1))
                yield return (twice.Last(), $"is said twice for {application.Key}: as {twice.First().Application} and as {twice.Last().Application}");
            foreach (var keys in OneListOnly)
            {
                var lists = application.Where(s => keys.Contains(s.Key)).ToArray();
                foreach (var (one, other) in lists.SelectMany((one, at) => lists.Skip(at + 1).Select(other => (one, other))).Where(p => p.one.Key != p.other.Key))
                {
                    if (one.Ports.Common(other.Ports) is { } ports)
                        yield return (other, $"has {ports}, and so has {one.Key}: a port stands in one of the lists Local, Remote and Server");
                }
            }
        }
    }
}
