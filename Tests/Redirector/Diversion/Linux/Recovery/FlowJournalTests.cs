using System.Net;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion.Linux.Recovery;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Linux.Recovery;

[TestClass]
[SupportedOSPlatform("linux")]
public sealed class FlowJournalTests
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"fwr-{Guid.NewGuid():N}.flows");

    [TestMethod]
    public void ItHoldsWhatWasAddedAndNotRemoved()
    {
        using var journal = new FlowJournal(_path);
        var first = Add(journal, 1516);
        Add(journal, 1517);
        journal.Remove(first);
        Assert.AreEqual(first, Add(journal, 1518), "a free slot is used again");
        CollectionAssert.AreEqual(new[] { Flow(1518), Flow(1517) }, FlowJournal.ReadAll(_path));
        Assert.AreEqual(journal.RunId, FlowJournal.ReadRunId(_path));
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [TestMethod]
    public void AFullJournalSaysSoAndKeepsWhatItHas()
    {
        using var journal = new FlowJournal(_path);
        for (var i = 0; i < FlowJournal.Slots; i++) Assert.AreEqual(i, Add(journal, (ushort)i));
        Assert.AreEqual(-1, Add(journal, 1));
        journal.Remove(-1);
        Assert.HasCount(FlowJournal.Slots, FlowJournal.ReadAll(_path));
    }

    [TestMethod]
    public void AnOrderlyEndLeavesNoFile()
    {
        var journal = new FlowJournal(_path);
        journal.Dispose();
        Assert.IsFalse(File.Exists(_path));
        Assert.AreEqual(-1, Add(journal, 1));
        Assert.IsNull(FlowJournal.ReadRunId(_path));
    }

    [TestMethod]
    public void DamageIsNoFlow()
    {
        byte[] whole;
        using (var journal = new FlowJournal(_path))
        {
            Add(journal, 1516);
            whole = File.ReadAllBytes(_path)[..200];
        }

        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_path, whole[..length]);
            Assert.IsLessThanOrEqualTo(1, FlowJournal.ReadAll(_path).Count);
        }

        whole[0] ^= 1;
        File.WriteAllBytes(_path, whole);
        Assert.IsEmpty(FlowJournal.ReadAll(_path));
    }

    [TestMethod]
    [TestCategory("Lab")]
    public void EachNamespaceHasAJournalOfItsOwn()
    {
        using var pair = new NamespacePair();
        var inode = new string([.. pair.InClient("readlink", "/proc/self/ns/net").Where(char.IsAsciiDigit)]);
        Assert.AreEqual($"/run/fwredirect/{inode}.flows", NamespacePair.Run(pair.Client, FlowJournal.DefaultPath));
    }

    [TestCleanup]
    public void Clean() => File.Delete(_path);

    private static int Add(FlowJournal journal, ushort port)
    {
        var flow = Flow(port);
        return journal.Add(flow.Protocol, flow.Local, flow.Remote);
    }

    private static JournaledFlow Flow(ushort port) =>
        new(6, PacketEndpoint.From(IPAddress.Parse("192.168.0.2"), port), PacketEndpoint.From(IPAddress.Parse("131.107.0.21"), 21));
}
