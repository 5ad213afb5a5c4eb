namespace FwRedirect.Tests.Architecture;

/// <summary>Which folder of one assembly uses which other, from the compiled types.</summary>
internal sealed class FolderGraph
{
    /// <summary>For each pair of folders, who in the one uses whom in the other.</summary>
    private readonly Dictionary<(string From, string To), SortedSet<string>> _uses = [];

    public FolderGraph(IEnumerable<Type> topLevelTypes)
    {
        foreach (var type in topLevelTypes)
        {
            foreach (var reference in type.WithNested().SelectMany(CodeReferences.Of))
            {
                var used = ((reference as Type) ?? reference.DeclaringType)?.TopLevel();
                if (used is null || used.Assembly != type.Assembly || used.Namespace is not { } to || to == type.Namespace)
                    continue;
                if (to.StartsWith(Product.Prefix, StringComparison.Ordinal))
                    Add(type.Namespace!, to, $"{type.Name} uses {used.Name}");
            }
        }
    }

    public IReadOnlyCollection<string> Folders => _uses.Keys.SelectMany(pair => new[] { pair.From, pair.To }).Distinct().ToArray();

    /// <summary>Every arrow that lies on a circle, with the types that make it: "A -> B: X uses Y, ...". Empty where there is no circle.</summary>
    public IEnumerable<string> Circles() =>
        from arrow in _uses
        where Reaches(arrow.Key.To, arrow.Key.From)
        orderby arrow.Value.Count
        select $"{Short(arrow.Key.From)} -> {Short(arrow.Key.To)}: {string.Join(", ", arrow.Value)}";

    private void Add(string from, string to, string who)
    {
        if (!_uses.TryGetValue((from, to), out var whose))
            _uses.Add((from, to), whose = new SortedSet<string>(StringComparer.Ordinal));
        whose.Add(who);
    }

    private bool Reaches(string from, string to)
    {
        var seen = new HashSet<string> { from };
        var open = new Queue<string>(seen);
        while (open.TryDequeue(out var here))
        {
            if (here == to)
                return true;
            foreach (var (_, next) in _uses.Keys.Where(pair => pair.From == here))
            {
                if (seen.Add(next))
                    open.Enqueue(next);
            }
        }

        return false;
    }

    private static string Short(string ns) => ns[Product.Prefix.Length..].Replace('.', '/');
}
