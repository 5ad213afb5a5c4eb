using System.Globalization;
using System.Net;

namespace FwRedirect.ControlChannel.Settings;

/// <summary>What a setting says. Printed as it is written in a file, read again it is the same.</summary>
internal abstract record SettingValue
{
    private SettingValue()
    {
    }

    /// <summary>0 or 1.</summary>
    public sealed record Flag(bool IsSet) : SettingValue
    {
        public override string ToString() => IsSet ? "1" : "0";
    }

    /// <summary>One letter: L, R, P or E.</summary>
    public sealed record Place(char Letter) : SettingValue
    {
        public override string ToString() => Letter.ToString();
    }

    public sealed record Ports(PortList List) : SettingValue
    {
        public override string ToString() => List.ToString();
    }

    /// <summary>Outside addresses by port.</summary>
    public sealed record Addresses(IReadOnlyDictionary<int, IPAddress> ByPort) : SettingValue
    {
        public override string ToString() => string.Join(",", ByPort.OrderBy(p => p.Key).Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Key}:{p.Value}")));
    }
}
