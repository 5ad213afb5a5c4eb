using FwRedirect.FirewallHost.Accounts;

namespace FwRedirect.Tests.FirewallHost.Accounts;

[TestClass]
public sealed class AccountFileTests
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"accounts-{Guid.NewGuid():N}");

    [TestCleanup]
    public void Remove() => File.Delete(_path);

    [TestMethod]
    public void Accounts_are_added_changed_listed_and_removed()
    {
        var file = new AccountFile(_path);
        Assert.IsTrue(file.Set("CONTOSO", "alice", "a:b"));
        Assert.IsFalse(file.Set("contoso", "ALICE", "other"));
        Assert.IsTrue(file.Set("CONTOSO", "bob", "x"));
        Assert.AreSequenceEqual(new[] { "contoso\\ALICE", "CONTOSO\\bob" }, file.Names());
        Assert.AreEqual("contoso:ALICE:other\nCONTOSO:bob:x\n", File.ReadAllText(_path));
        Assert.IsTrue(file.Remove("CONTOSO", "alice"));
        Assert.IsFalse(file.Remove("CONTOSO", "alice"));
        if (!OperatingSystem.IsWindows())
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [TestMethod]
    public void File_that_others_can_read_or_that_is_broken_is_refused()
    {
        File.WriteAllText(_path, "CONTOSO:alice:x\nbroken\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            Assert.Contains("chmod 600", new AccountFile(_path).Complaint()!);
            File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Assert.Contains("line 2", new AccountFile(_path).Complaint()!);
    }

    [TestMethod]
    [DataRow("", "a", "p")]
    [DataRow("D", "", "p")]
    [DataRow("D", "a", "")]
    [DataRow("D:", "a", "p")]
    [DataRow("D", "a\n", "p")]
    [DataRow("D", "a", "p\nE:b:c")]
    public void What_can_not_stand_in_a_line_is_refused(string domain, string user, string password) =>
        Assert.IsNotNull(AccountFile.Complaint(domain, user, password));
}
