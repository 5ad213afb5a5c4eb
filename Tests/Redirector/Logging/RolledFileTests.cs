using FwRedirect.Redirector.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Logging;

[TestClass]
public sealed class RolledFileTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fwredirect-").FullName;

    private string FilePath => Path.Combine(_folder, "fwredirect.log");

    [TestCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void ItNeverTakesMoreThanItsShare()
    {
        using (var file = new RolledFile(FilePath, largest: 20, kept: 2))
        {
            for (var line = 1; line <= 9; line++)
                file.WriteLine($"line {line}"); // two lines a file
        }

        var line9 = $"line 9{Environment.NewLine}";
        Assert.AreEqual(line9, File.ReadAllText(FilePath));
        Assert.AreEqual($"line 7{Environment.NewLine}line 8{Environment.NewLine}", File.ReadAllText(FilePath + ".1"));
        Assert.AreEqual($"line 5{Environment.NewLine}line 6{Environment.NewLine}", File.ReadAllText(FilePath + ".2"));
        Assert.HasCount(3, Directory.GetFiles(_folder));
    }

    [TestMethod]
    public void TheNextRunGoesOnWhereTheLastOneEnded()
    {
        foreach (var run in new[] { "one", "two" })
        {
            using var file = new RolledFile(FilePath);
            file.WriteLine(run);
        }

        CollectionAssert.AreEqual(new[] { "one", "two" }, File.ReadAllLines(FilePath));
    }

    [TestMethod]
    public void AFolderThatIsGoneEndsNothing()
    {
        var lost = Path.Combine(_folder, "none", "fwredirect.log");
        using var file = new RolledFile(lost);
        file.WriteLine("lost");
        Directory.CreateDirectory(Path.GetDirectoryName(lost)!);
        file.WriteLine("kept");
        CollectionAssert.AreEqual(new[] { "kept" }, File.ReadAllLines(lost));
    }

    [TestMethod]
    public void ALineHasTimeLevelCategoryAndMessage()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 20, 1, 2, 3, TimeSpan.Zero));
        using (var provider = new FileLoggerProvider(new RolledFile(FilePath), time))
            provider.CreateLogger("Some.Category").Log(LogLevel.Warning, new EventId(7), "a\nb", new IOException("why"), (state, _) => state);
        Assert.AreEqual("2026-11-23T20:01:02.003Z warn: Some.Category[7] a b System.IO.IOException: why", File.ReadAllText(FilePath).TrimEnd());
    }
}
