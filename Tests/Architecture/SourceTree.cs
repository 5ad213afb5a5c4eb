using System.Runtime.CompilerServices;

namespace FwRedirect.Tests.Architecture;

/// <summary>The repository that this test was compiled from.</summary>
internal static class SourceTree
{
    private static readonly string[] Projects = ["ControlChannel", "Redirector", "FirewallHost", "Diagnostics", "Tests", "tools"];

    /// <summary>Its top folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>Every C# file that a person wrote, as a path below <see cref="Root"/> with slashes.</summary>
    public static IEnumerable<string> Files =>
        from project in Projects
        from file in Directory.EnumerateFiles(Path.Combine(Root, project), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Root, file).Replace('\\', '/')
        where !path.Split('/').Any(part => part is "obj" or "bin" or "artifacts")
        select path;

    public static string PathOf(string file) => Path.Combine(Root, file);

    private static string Find([CallerFilePath] string here = "")
    {
        var folder = Path.GetDirectoryName(here);
        while (folder is not null && !File.Exists(Path.Combine(folder, "FwRedirect.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException($"no FwRedirect.sln above {here}: the tests were built elsewhere and their sources are gone");
    }
}
