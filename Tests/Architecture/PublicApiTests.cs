using PublicApiGenerator;

namespace FwRedirect.Tests.Architecture;

/// <summary>ControlChannel is a library that others build on: a change of its public face is made on purpose.</summary>
[TestClass]
public sealed class PublicApiTests
{
    private const string Snapshot = "Tests/Data/ControlChannel.api.txt";

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public void ControlChannelsPublicFaceIsTheOneOnFile()
    {
        var now = Product.ControlChannel.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").TrimEnd() + "\n";
        var path = SourceTree.PathOf(Snapshot);
        var was = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (was == now)
            return;

        var received = Path.Combine(TestContext.TestRunDirectory ?? Path.GetTempPath(), "ControlChannel.api.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(received)!);
        File.WriteAllText(received, now);
        var (before, after) = (was.Split('\n'), now.Split('\n'));
        var changes = before.Except(after).Select(line => $"- {line.Trim()}").Concat(after.Except(before).Select(line => $"+ {line.Trim()}")).Take(20);
        Assert.Fail($"the public API of ControlChannel has changed:\n{string.Join('\n', changes)}\nif that is meant: cp {received} {Snapshot}");
    }
}
