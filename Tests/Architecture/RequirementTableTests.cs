using System.Reflection;
using System.Text.RegularExpressions;

namespace FwRedirect.Tests.Architecture;

/// <summary>Redirector/NAT.md promises a test for each requirement: here it is held to that.</summary>
[TestClass]
public sealed partial class RequirementTableTests
{
    private static readonly Dictionary<string, string[]> Requirements = new()
    {
        ["RFC 4787"] =
        [
            "REQ-1", "REQ-2", "REQ-3", "REQ-3a", "REQ-4", "REQ-5", "REQ-5a", "REQ-5b", "REQ-5c", "REQ-6", "REQ-6a", "REQ-7", "REQ-8", "REQ-8a", "REQ-9", "REQ-9a",
            "REQ-10", "REQ-10a", "REQ-11", "REQ-12", "REQ-12a", "REQ-12b", "REQ-13", "REQ-13a", "REQ-14", "REQ-14a",
        ],
        ["RFC 5382"] = ["REQ-1", "REQ-2", "REQ-2a", "REQ-3", "REQ-3a", "REQ-3b", "REQ-4", "REQ-5", "REQ-5a", "REQ-6", "REQ-7", "REQ-8", "REQ-9", "REQ-10"],
        ["RFC 5508"] =
        [
            "REQ-1", "REQ-1a", "REQ-2", "REQ-2a", "REQ-3", "REQ-3a", "REQ-3b", "REQ-3c", "REQ-3d", "REQ-4", "REQ-4a", "REQ-4b", "REQ-4c",
            "REQ-5", "REQ-5a", "REQ-5b", "REQ-5c", "REQ-6", "REQ-7", "REQ-7a", "REQ-8", "REQ-9", "REQ-10a", "REQ-10b", "REQ-10c", "REQ-11",
        ],
        ["RFC 7857"] = ["2", "2.1", "2.2", "3", "4", "5", "6", "7", "7.1", "8", "9", "10", "11", "12"],
    };

    private static readonly ILookup<string, Type> Classes = typeof(RequirementTableTests).Assembly.GetTypes()
        .Where(t => t.IsDefined(typeof(TestClassAttribute))).ToLookup(t => t.Name);

    [TestMethod]
    public void EveryRequirementHasItsLine()
    {
        var missing = Requirements.SelectMany(r => r.Value.Except(Rows().Where(row => row.Section == r.Key).Select(row => row.Name)).Select(name => $"{r.Key} {name}"));
        Assert.AreEqual("", string.Join(", ", missing));
    }

    [TestMethod]
    public void EveryLineHasATestThatIsThereOrAReason()
    {
        var rows = Rows().ToArray();
        Assert.IsGreaterThan(50, rows.Length, "the tables were not found");
        var wrong = rows.SelectMany(row => Complaints(row.Proof).Select(complaint => $"{row.Section} {row.Name}: {complaint}"));
        Assert.AreEqual("", string.Join('\n', wrong));
    }

    [TestMethod]
    public void AMissingTestAndAnEmptyCellAreNoticed()
    {
        Assert.AreEqual(1, Complaints("`RequirementTableTests.NoSuchTest`").Count());
        Assert.AreEqual(1, Complaints("`NoSuchTests.EveryRequirementHasItsLine`").Count());
        Assert.AreEqual(1, Complaints("").Count());
        Assert.AreEqual(1, Complaints("No test: ").Count());
        Assert.AreEqual(1, Complaints("by inspection").Count());
        Assert.AreEqual(0, Complaints("`RequirementTableTests.EveryRequirementHasItsLine`").Count());
    }

    /// <summary>The errors of Redirector/README.md name their tests, too; those without a class are ErrorTests'.</summary>
    [TestMethod]
    public void EveryErrorThatAProgramSeesHasATest()
    {
        var rows = File.ReadLines(SourceTree.PathOf("Redirector/README.md")).SkipWhile(line => line != "## What the program sees")
            .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.StartsWith("| ", StringComparison.Ordinal)).ToArray();
        Assert.IsGreaterThan(9, rows.Length);
        foreach (var row in rows)
        {
            var proof = row.Trim('|', ' ').Split(" | ")[^1];
            foreach (Match name in NameOrTestName().Matches(proof))
            {
                var parts = name.Groups["name"].Value.Split('.');
                var exists = parts.Length == 2 ? Exists(parts[0], parts[1]) : Classes.Contains(parts[0]) || Exists("ErrorTests", parts[0]);
                Assert.IsTrue(exists, $"{parts[^1]} is no test");
            }

            Assert.IsTrue(proof == "the same" || NameOrTestName().IsMatch(proof), row);
        }
    }

    private static IEnumerable<string> Complaints(string proof)
    {
        if (NoTest().IsMatch(proof))
            return [];
        var names = TestName().Matches(proof);
        return names.Count == 0
            ? ["neither a test nor \"No test: \" and the reason"]
            : names.Where(n => !Exists(n.Groups["class"].Value, n.Groups["method"].Value)).Select(n => $"there is no test {n.Value}");
    }

    private static bool Exists(string type, string method) =>
        Classes[type].Any(t => t.GetMethods().Any(m => m.Name == method && m.IsDefined(typeof(TestMethodAttribute), inherit: true)));

    /// <summary>All tables: section, what stands before the first comma, and the last cell.</summary>
    private static IEnumerable<(string Section, string Name, string Proof)> Rows()
    {
        var section = "";
        foreach (var line in File.ReadLines(SourceTree.PathOf("Redirector/NAT.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                section = line[3..].Split(',')[0];
            if (!line.StartsWith("| ", StringComparison.Ordinal) || line.StartsWith("| Requirement |", StringComparison.Ordinal) || line.StartsWith("| What |", StringComparison.Ordinal))
                continue;
            var cells = line.Trim('|', ' ').Split(" | ");
            yield return (section, cells[0].Split(',')[0], cells.Length == 4 ? cells[3] : "");
        }
    }

    [GeneratedRegex(@"`(?<class>\w+)\.(?<method>\w+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestName();

    [GeneratedRegex(@"`(?<name>[\w.]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameOrTestName();

    [GeneratedRegex(@"^No test: \S.{5,}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoTest();
}
