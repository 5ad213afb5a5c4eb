using System.Text.RegularExpressions;

namespace FwRedirect.Tests.Architecture;

[TestClass]
public sealed partial class SourceTreeTests
{
    private const int LongestFile = 400;

    [TestMethod]
    public void NoFileIsLongerThanAPersonReadsAtOnce()
    {
        var files = SourceTree.Files.ToArray();
        Assert.IsGreaterThan(200, files.Length, "the source tree was not found");
        var tooLong = files
            .Select(file => (File: file, Lines: File.ReadLines(SourceTree.PathOf(file)).Count()))
            .Where(f => f.Lines > LongestFile)
            .Select(f => $"{f.File}: {f.Lines} lines, the limit is {LongestFile}");
        Assert.AreEqual("", string.Join('\n', tooLong));
    }

    /// <summary>The other tests of this folder speak of namespaces where people see folders.</summary>
    [TestMethod]
    public void ANamespaceIsItsFolder()
    {
        var astray = new List<string>();
        foreach (var file in SourceTree.Files.Where(f => !f.StartsWith("tools/", StringComparison.Ordinal)))
        {
            var match = NamespaceLine().Match(File.ReadAllText(SourceTree.PathOf(file)));
            var folder = "FwRedirect." + Path.GetDirectoryName(file)!.Replace('\\', '/').Replace('/', '.');
            if (match.Success && !match.Groups["name"].Value.Equals(folder, StringComparison.OrdinalIgnoreCase))
                astray.Add($"{file}: namespace {match.Groups["name"].Value}, the folder says {folder}");
        }

        Assert.AreEqual("", string.Join('\n', astray));
    }

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamespaceLine();
}
