using System.Text.Json;

namespace FwRedirect.ControlChannel.Status;

/// <summary>Numbers by group and name, in the order in which they came. What "ever" stands before has grown since the start; everything else is now.</summary>
internal sealed class StatusCounters
{
    private readonly Dictionary<string, Dictionary<string, long>> _groups = [];

    public IReadOnlyDictionary<string, Dictionary<string, long>> Groups => _groups;

    /// <summary>Adds to what stands there already: two parts may count the same thing.</summary>
    public void Add(string group, string name, long value)
    {
        if (!_groups.TryGetValue(group, out var counters))
            _groups.Add(group, counters = []);
        counters[name] = counters.GetValueOrDefault(name) + value;
    }

    /// <summary>One counter for each value of an enum, named as in JSON.</summary>
    public void Add<T>(string group, string prefix, T name, long value) where T : struct, Enum =>
        Add(group, prefix.Length == 0 ? JsonNamingPolicy.CamelCase.ConvertName(name.ToString()) : prefix + name, value);
}
