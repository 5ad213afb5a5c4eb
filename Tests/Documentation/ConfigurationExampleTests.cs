using System.Text.RegularExpressions;
using FwRedirect.ControlChannel.Settings;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.Redirector.Configuration;
using FwRedirect.Tests.Architecture;

namespace FwRedirect.Tests.Documentation;

/// <summary>The configurations in the READMEs are ones that the services take.</summary>
[TestClass]
public sealed partial class ConfigurationExampleTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fwreadme-").FullName;

    [TestCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void ThoseOfTheRedirectorAreRight()
    {
        File.WriteAllText(Path.Combine(_folder, "password"), "S3cret!pass\n");
        var examples = Examples("Redirector/README.md");
        Assert.IsGreaterThan(2, examples.Length);
        foreach (var example in examples)
            RedirectorOptionsReader.Read(Write(example), example.Contains("\"Firewall\"", StringComparison.Ordinal) ? [] : ["--Firewall", "192.168.0.1"]);
    }

    [TestMethod]
    public void ThoseOfTheFirewallAreRight()
    {
        var examples = Examples("FirewallHost/README.md");
        Assert.IsGreaterThan(1, examples.Length);
        foreach (var example in examples)
        {
            FirewallOptionsReader.Read(
                Write(example), example.Contains("\"ExternalAddress\"", StringComparison.Ordinal) ? [] : ["--InternalAddresses", "192.168.0.1", "--ExternalAddress", "131.107.0.19"]);
        }
    }

    /// <summary>Each setting and each key of a rule stands in an example.</summary>
    [TestMethod]
    public void EverySettingHasAnExample()
    {
        var all = string.Join('\n', Examples("Redirector/README.md"));
        foreach (var key in Enum.GetNames<SettingKey>().Concat(["Name", "Action", "Applications", "Users", "Destinations", "Ports", "Protocols"]))
            Assert.Contains($"\"{key}\":", all, $"{key} has no example in Redirector/README.md");
    }

    private static string[] Examples(string readme) =>
        [.. Block().Matches(File.ReadAllText(SourceTree.PathOf(readme)).ReplaceLineEndings("\n")).Select(m => m.Groups["text"].Value)];

    private string Write(string example)
    {
        var file = Path.Combine(_folder, "example.json");
        File.WriteAllText(file, example);
        return file;
    }

    [GeneratedRegex("^```jsonc\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();
}
