using System.Globalization;
using System.Net;

namespace FwRedirect.ControlChannel.Settings;

/// <summary>What may be said for each setting, and how it is read.</summary>
internal static class SettingTable
{
    /// <summary>A setting of this name, in whatever case; null where there is none.</summary>
    public static SettingKey? Find(string name) =>
        Enum.TryParse<SettingKey>(name, ignoreCase: true, out var key) && Enum.IsDefined(key) && !char.IsAsciiDigit(name[0]) ? key : null;

    /// <summary>The value, or null where <paramref name="text"/> is not what <see cref="Wanted"/> says.</summary>
    public static SettingValue? Parse(SettingKey key, string text) => KindOf(key) switch
    {
        Kind.Flag => Flag(text),
        Kind.Names => Place(text, "LR"),
        Kind.OwnNames => Place(text, "LPE"),
        Kind.Ports => PortList.TryParse(text, out var list) ? new SettingValue.Ports(list) : null,
        _ => Addresses(text),
    };

    /// <summary>What is wanted, for a sentence.</summary>
    public static string Wanted(SettingKey key) => KindOf(key) switch
    {
        Kind.Flag => "0 or 1 (false or true)",
        Kind.Names => "L (all names are looked up from this computer) or R (all of them by the firewall)",
        Kind.OwnNames => "L (this computer's addresses), P (the firewall's) or E (the firewall's outside address)",
        Kind.Ports => "a list of ports and ranges such as 7000-7022, 7100; 0 stands for a port of the system's choosing",
        _ => "a list of ports with an outside address for each, such as 25:131.107.0.20",
    };

    /// <summary>The setting that somebody who wrote <paramref name="name"/> may have meant; null where nothing is near.</summary>
    public static SettingKey? Suggest(string name)
    {
        var nearest = Enum.GetValues<SettingKey>().MinBy(key => Distance(name, key.ToString()));
        // A third of the letters wrong is no slip any more.
        return Distance(name, nearest.ToString()) <= Math.Max(2, name.Length / 3) ? nearest : null;
    }

    private enum Kind
    {
        Flag,
        Names,
        OwnNames,
        Ports,
        Addresses,
    }

    private static Kind KindOf(SettingKey key) => key switch
    {
        SettingKey.Disable or SettingKey.KillOldSession or SettingKey.Persistent or SettingKey.ForceCredentials => Kind.Flag,
        SettingKey.NameResolution => Kind.Names,
        SettingKey.NameResolutionForLocalHost => Kind.OwnNames,
        SettingKey.ProxyBindIp => Kind.Addresses,
        _ => Kind.Ports,
    };

    private static SettingValue.Flag? Flag(string text) => text.ToUpperInvariant() switch
    {
        "1" or "TRUE" => new SettingValue.Flag(true),
        "0" or "FALSE" => new SettingValue.Flag(false),
        _ => null,
    };

    private static SettingValue.Place? Place(string text, string letters) =>
        text.Length == 1 && letters.Contains(char.ToUpperInvariant(text[0]), StringComparison.Ordinal) ? new SettingValue.Place(char.ToUpperInvariant(text[0])) : null;

    private static SettingValue.Addresses? Addresses(string text)
    {
        var addresses = new Dictionary<int, IPAddress>();
        foreach (var item in text.Split([',', ';', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = item.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || !int.TryParse(item.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535
                || !IPAddress.TryParse(item.AsSpan(colon + 1), out var address) || !addresses.TryAdd(port, address))
            {
                return null;
            }
        }

        return addresses.Count > 0 ? new SettingValue.Addresses(addresses) : null;
    }

    /// <summary>Letters to insert, take away or change (Levenshtein), without regard to case.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 0; i < one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < other.Length; j++)
            {
                var change = char.ToUpperInvariant(one[i]) == char.ToUpperInvariant(other[j]) ? diagonal : diagonal + 1;
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(change, Math.Min(row[j], row[j + 1]) + 1);
            }
        }

        return row[^1];
    }
}
