using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;

namespace FwRedirect.ControlChannel.Configuration;

/// <summary>For both services: reads keys of one configuration and collects what is wrong with them, so that an administrator sees every mistake at once.</summary>
internal sealed class ConfigurationKeys(IConfigurationRoot root, string file, string program)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public List<string> Errors { get; } = [];

    public string? Text(string key)
    {
        _known.Add(key);
        var section = root.GetSection(key);
        if (section.Value is null && section.GetChildren().Any())
            Wrong(key, "is a list or an object, one value is wanted");
        return string.IsNullOrWhiteSpace(section.Value) ? null : section.Value.Trim();
    }

    public T Value<T>(string key, T otherwise, TryParse<T> parse, string wanted)
    {
        if (Text(key) is not { } text)
            return otherwise;
        if (parse(text, out var value))
            return value;
        Wrong(key, $"\"{text}\" is not {wanted}");
        return otherwise;
    }

    public T Choice<T>(string key, T otherwise) where T : struct, Enum =>
        Value(key, otherwise,
            (text, out value) => Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0]),
            $"one of {string.Join(", ", Enum.GetNames<T>())}");

    public int Number(string key, int otherwise, int least, int most) =>
        Value(key, otherwise,
            (text, out value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most,
            $"a number from {least} to {most}");

    /// <summary>A JSON list, or one text with commas between, which is how the command line and the environment give it.</summary>
    public List<T> List<T>(string key, TryParse<T> parse, string wanted)
    {
        _known.Add(key);
        return Items(root.GetSection(key), parse, wanted);
    }

    public List<T> Items<T>(IConfigurationSection section, TryParse<T> parse, string wanted)
    {
        var items = new List<T>();
        var texts = section.Value is { } joined
            ? joined.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(text => (section.Path, Text: (string?)text))
            : section.GetChildren().Select(child => (child.Path, Text: child.Value?.Trim()));
        foreach (var (path, text) in texts)
        {
            if (text is not null && parse(text, out var item))
                items.Add(item);
            else
                Wrong(path, text is null ? $"is not {wanted}" : $"\"{text}\" is not {wanted}");
        }

        return items;
    }

    /// <summary>A key whose content is read elsewhere or not at all.</summary>
    public IConfigurationSection Section(string key)
    {
        _known.Add(key);
        return root.GetSection(key);
    }

    public void Wrong(string key, string what) => Errors.Add($"{Source(key)}: {key}: {what}");

    public void RefuseUnknown()
    {
        foreach (var child in root.GetChildren())
        {
            if (!_known.Contains(child.Key))
                Wrong(child.Key, Spelling.Suggest(child.Key, _known) is { } near ? $"is not a key of {program}; did you mean {near}?" : $"is not a key of {program}");
        }
    }

    public static bool Address(string text, out IPAddress value) => IPAddress.TryParse(text, out value!) && !text.Contains('/', StringComparison.Ordinal);

    public static bool Network(string text, out IPNetwork value) =>
        IPNetwork.TryParse(text, out value) || (IPAddress.TryParse(text, out var address) && Single(address, out value));

    private static bool Single(IPAddress address, out IPNetwork value)
    {
        value = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }

    /// <summary>Where a key's value comes from: the last provider that has it, or has something below it, wins.</summary>
    private string Source(string key)
    {
        foreach (var provider in root.Providers.Reverse())
        {
            if (!provider.TryGet(key, out _) && !provider.GetChildKeys([], key).Any())
                continue;
            return provider.GetType().Name switch
            {
                "CommandLineConfigurationProvider" => "command line",
                "EnvironmentVariablesConfigurationProvider" => "environment",
                _ => file,
            };
        }

        return file;
    }
}
