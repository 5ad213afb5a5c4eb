using System.Globalization;
using System.Net;

namespace FwRedirect.ControlChannel.Settings.Import;

/// <summary>
/// Takes over files of the Firewall Client: mspclnt.ini, common.ini, application.ini, wspcfg.ini and LocalLAT.txt (msplat.txt). What can not be taken over is named, line by line.
/// </summary>
internal sealed class SettingsImport
{
    private const string Servers = "Servers Ip Addresses";

    private readonly List<IPNetwork> _addresses = [];
    private readonly List<string> _domains = [];
    private readonly List<Setting> _settings = [];
    private readonly List<ImportProblem> _problems = [];
    private string? _server;
    private int? _port;

    /// <summary>Name or address, and the port where it is not the usual one; null where no file names a firewall.</summary>
    public string? Firewall => _server is null ? null : _port is { } port && port != 1745 ? string.Create(CultureInfo.InvariantCulture, $"{_server}:{port}") : _server;

    public IReadOnlyList<IPNetwork> LocalAddresses => [.. _addresses.Distinct()];

    public IReadOnlyList<string> LocalDomains => [.. _domains.Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Of a setting that is said twice the last: in the order of the files.</summary>
    public ApplicationSettings Applications => new([.. _settings.GroupBy(s => (s.Application, s.Key)).Select(g => g.Last())]);

    public IReadOnlyList<ImportProblem> Problems => _problems;

    /// <exception cref="IOException">It can not be read.</exception>
    public void Read(string file)
    {
        var lines = File.ReadAllLines(file);
        if (file.EndsWith(".txt", StringComparison.OrdinalIgnoreCase))
            ReadAddresses(file, lines);
        else
            ReadEntries(file, [.. IniEntry.Read(lines)]);
    }

    private void ReadAddresses(string file, string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] is ';' or '#')
                continue;
            if (AddressTable.Parse(line) is { } networks)
                _addresses.AddRange(networks);
            else
                _problems.Add(new ImportProblem(file, i + 1, line, "is not a first and a last address, such as 10.0.0.0 10.255.255.255"));
        }
    }

    private void ReadEntries(string file, List<IniEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Key.Length == 0)
                Problem(file, entry, "is no setting");
            else if (entry.Section.Equals(Servers, StringComparison.OrdinalIgnoreCase))
                ReadServer(file, entry);
            else if (!IsOfWholeClient(file, entry))
                ReadSetting(file, entry, entries);
        }
    }

    private void ReadServer(string file, IniEntry entry)
    {
        if (entry.Value.Length == 0)
            return;
        if (_server is not null && _server != entry.Value)
            Problem(file, entry, $"fwredirect has one firewall, and {_server} was named before");
        else if (Uri.CheckHostName(entry.Value) is UriHostNameType.Dns or UriHostNameType.IPv4)
            _server = entry.Value;
        else
            Problem(file, entry, "is no name and no IPv4 address");
    }

    /// <summary>Keys that are not about one application; true where it was one.</summary>
    private bool IsOfWholeClient(string file, IniEntry entry)
    {
        switch (entry.Key.ToUpperInvariant())
        {
            case "SERVERNAME":
                ReadServer(file, entry);
                return true;
            case "PORT" when IsCommon(entry) && int.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535:
                _port = port;
                return true;
            case "LOCALDOMAINS":
                ReadDomains(file, entry);
                return true;
            case "CONTROLCHANNEL" when entry.Value.Equals("Wsp.tcp", StringComparison.OrdinalIgnoreCase):
                return true;
            default:
                if (Gone(entry) is not { } why)
                    return false;
                Problem(file, entry, why);
                return true;
        }
    }

    private void ReadDomains(string file, IniEntry entry)
    {
        foreach (var domain in entry.Value.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            var bare = domain == "*" ? domain : domain.TrimStart('*').Trim('.');
            if (bare == "*" || Uri.CheckHostName(bare) == UriHostNameType.Dns)
                _domains.Add(bare);
            else
                _problems.Add(new ImportProblem(file, entry.Line, domain, "is no domain"));
        }
    }

    private void ReadSetting(string file, IniEntry entry, List<IniEntry> entries)
    {
        // DisableEx overrides Disable for newer clients, which this is.
        var isOverridden = entry.Key.Equals("Disable", StringComparison.OrdinalIgnoreCase)
            && entries.Exists(e => e.Section == entry.Section && e.Key.Equals("DisableEx", StringComparison.OrdinalIgnoreCase));
        if (isOverridden || entry.Value.Length == 0)
            return;
        if (SettingTable.Find(Renamed(entry.Key)) is not { } key)
            Problem(file, entry, SettingTable.Suggest(entry.Key) is { } near ? $"is no setting that is known here; did you mean {near}?" : "is no setting that is known here");
        else if (entry.Section.Length == 0)
            Problem(file, entry, "stands in no section, so it is for no application");
        else if (SettingTable.Parse(key, entry.Value) is not { } value)
            Problem(file, entry, $"is not {SettingTable.Wanted(key)}");
        else
            _settings.Add(new Setting(new ApplicationName(ApplicationOf(file, entry.Section)), key, value, Path.GetFileName(file)));
    }

    /// <summary>wspcfg.ini is for the programs of its own folder: where they are there, they are named by their path.</summary>
    private static string ApplicationOf(string file, string section)
    {
        var program = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, $"{section}.exe");
        return Path.GetFileName(file).Equals("wspcfg.ini", StringComparison.OrdinalIgnoreCase) && File.Exists(program) ? program : section;
    }

    private static bool IsCommon(IniEntry entry) => entry.Section.Equals("Common", StringComparison.OrdinalIgnoreCase);

    /// <summary>Names that Proxy Server 1.0 and newer clients had for the same.</summary>
    private static string Renamed(string key) => key.ToUpperInvariant() switch
    {
        "DISABLEEX" => nameof(SettingKey.Disable),
        "MULTIPLEACCESSTCPPORTS" => nameof(SettingKey.ServerBindTcpPorts),
        "MULTIPLEACCESSUDPPORTS" => nameof(SettingKey.ServerBindUdpPorts),
        _ => key,
    };

    /// <summary>What the old client had and this one has no need of, or no equal for; in words.</summary>
    private static string? Gone(IniEntry entry) => entry.Key.ToUpperInvariant() switch
    {
        "CONTROLCHANNEL" => "the control channel is always TCP",
        "AUTODETECTION" => "there is no discovery: name the firewall in Firewall",
        "ENABLEROUTEMODE" => "the firewall always uses its own address outside",
        "USEPROXYIPFORGETHOSTBYNAME" => "see NameResolutionForLocalHost",
        "WWW-PROXY" or "WEBPROXYPORT" or "CONFIGURATION URL" or "SET BROWSERS TO USE PROXY" or "SET BROWSERS TO USE AUTO CONFIG" => "is about browsers' own proxy settings",
        "CONFIGURATION REFRESH TIME (HOURS)" or "REFRESH GIVE UP TIME (MINUTES)" => "the firewall tells of changes as they are made",
        "RE-CHECK INACCESSIBLE SERVER TIME (MINUTES)" or "INACCESSIBLE SERVERS GIVE UP TIME (MINUTES)" => "a firewall that is back is found by itself",
        _ when entry.Section.Equals("Master Config", StringComparison.OrdinalIgnoreCase) => "the firewall tells its settings over the control channel, not by a file share",
        _ => null,
    };

    private void Problem(string file, IniEntry entry, string why) =>
        _problems.Add(new ImportProblem(file, entry.Line, entry.Key.Length == 0 ? entry.Value : $"[{entry.Section}] {entry.Key}={entry.Value}", why));
}
