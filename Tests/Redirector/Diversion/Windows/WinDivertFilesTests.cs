using System.Runtime.Versioning;
using System.Security.Cryptography;
using FwRedirect.Redirector.Diversion.Windows;

namespace FwRedirect.Tests.Redirector.Diversion.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class WinDivertFilesTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fwredirect-").FullName;

    private string Dll => Path.Combine(_folder, "WinDivert.dll");

    private string Driver => Path.Combine(_folder, "WinDivert64.sys");

    [TestCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void AMissingFileIsNamedWithItsUsualReasonAndItsSource()
    {
        var hash = Write(Dll, "dll");
        foreach (var (missing, accepted) in new (string, string[])[] { (Driver, [hash]), (Dll, []) })
        {
            File.Delete(missing);
            var failure = Refused(accepted);
            Assert.StartsWith($"{missing} is missing: antivirus", failure);
            Assert.Contains("https://github.com/basil00/WinDivert/releases/tag/v2.2.2", failure);
        }
    }

    [TestMethod]
    public void AnotherFileIsNamedWithItsHash()
    {
        var dll = Write(Dll, "dll");
        var driver = Write(Driver, "driver");
        Assert.StartsWith($"{Dll} is not the file of WinDivert 2.2.2-A: its SHA-256 is {dll};", Refused());
        Assert.StartsWith($"{Driver} is not the file of WinDivert 2.2.2-A: its SHA-256 is {driver};", Refused(dll));
    }

    [TestMethod]
    public void AFileOfOnesOwnIsTakenByItsHash() =>
        WinDivertFiles.Verify(_folder, [Write(Dll, "dll").ToUpperInvariant(), Write(Driver, "driver")]);

    [TestMethod]
    public void TheDllIsLoadedFromItsFolderOnly()
    {
        var failure = Assert.ThrowsExactly<IOException>(() => WinDivertDriver.Load(_folder));
        Assert.StartsWith($"{Dll} can not be loaded", failure.Message);
    }

    private static string Write(string path, string content)
    {
        File.WriteAllText(path, content);
        return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
    }

    private string Refused(params string[] accepted) => Assert.ThrowsExactly<IOException>(() => WinDivertFiles.Verify(_folder, accepted)).Message;
}
