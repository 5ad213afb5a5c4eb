using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes;
using FwRedirect.Redirector.Processes.Windows;
using FwRedirect.Tests.Redirector.Packets;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.Redirector.Processes.Windows;

/// <summary>The rules of the look-up, with processes and tables that a test makes: nothing of Windows is called.</summary>
[TestClass]
[SupportedOSPlatform("windows")]
public sealed class WindowsProcessLookupTests : IDisposable
{
    private const byte Tcp = IpProtocol.Tcp;
    private const byte Udp = IpProtocol.Udp;
    private static readonly PacketEndpoint Local = Raw.At("192.168.0.2:1515");
    private static readonly PacketEndpoint Peer = Raw.At("131.107.0.21:21");
    private readonly FakeTimeProvider _time = new();
    private readonly FakeWindows _windows = new();
    private readonly WindowsProcessLookup _lookup;

    public WindowsProcessLookupTests()
    {
        _lookup = new WindowsProcessLookup(_time, _windows, _windows);
        _windows.Running[100] = new FakeProcess { Path = @"C:\Windows\System32\ftp.exe", User = @"CONTOSO\alice" };
        _windows.Running[200] = new FakeProcess { Path = @"C:\Tools\curl.exe", User = @"CONTOSO\bob" };
    }

    private static PacketEndpoint None => default;

    public void Dispose() => _lookup.Dispose();

    [TestMethod]
    public void AConnectTellsWhoseTheSynIs()
    {
        Observe(SocketEventKind.Connect, 100);
        Assert.AreEqual(new ProcessInfo(100, "ftp.exe", @"C:\Windows\System32\ftp.exe", @"CONTOSO\alice", null) { SocketId = 1 }, Now(Find()));
    }

    [TestMethod]
    public async Task AConnectThatComesAfterItsSynIsWaitedFor()
    {
        var found = Find();
        Assert.IsFalse(found.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.IsFalse(found.IsCompleted);
        Observe(SocketEventKind.Connect, 100);
        Assert.AreEqual("ftp.exe", (await found)?.Name);
        Assert.AreEqual(0, _windows.TableReads);
    }

    [TestMethod]
    public async Task WithoutAnEventTheTablesAreAskedAndThenItIsUnknown()
    {
        _windows.Table[(Tcp, Local)] = 200;
        Assert.AreEqual("curl.exe", (await FindLate())?.Name);
        // Kept: it is not asked for twice.
        Assert.AreEqual("curl.exe", Now(Find())?.Name);
        Assert.AreEqual(1, _windows.TableReads);

        _windows.Table.Clear();
        Assert.AreSame(ProcessInfo.Unknown, await FindLate(remote: Raw.At("131.107.0.21:80"), local: Raw.At("192.168.0.2:1600")));
    }

    [TestMethod]
    public async Task AnEventThatComesWhileTheTableIsReadIsTheNewerOne()
    {
        _windows.Table[(Tcp, Local)] = 200;
        _windows.WhileReading = () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Observe(SocketEventKind.Connect, 100);
        };
        Assert.AreEqual("ftp.exe", (await FindLate())?.Name);
        Assert.AreEqual("ftp.exe", Now(Find())?.Name);
    }

    [TestMethod]
    public async Task AListenOfAnotherProcessThatComesWhileTheTableIsReadIsTheNewerOneToo()
    {
        _windows.Table[(Tcp, Local)] = 200;
        _windows.WhileReading = () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Observe(SocketEventKind.Listen, 100, remote: None);
        };
        Assert.AreEqual("ftp.exe", (await FindLate())?.Name);
    }

    [TestMethod]
    public void TheKernelDoesNotTakeAProgramsPort()
    {
        Observe(SocketEventKind.Connect, 100);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Observe(SocketEventKind.Connect, 4, id: 2);
        Assert.AreEqual("ftp.exe", Now(Find())?.Name);
    }

    [TestMethod]
    public void AProgramTakesThePortThatTheKernelWasToldFor()
    {
        var before = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Observe(SocketEventKind.Connect, 4, id: 2);
        _lookup.Observe(new SocketEvent(SocketEventKind.Connect, Tcp, Local, Peer, 100, 1, before));
        Assert.AreEqual("ftp.exe", Now(Find())?.Name);
    }

    [TestMethod]
    public void TheKernelsOwnConnectionsAreSystem()
    {
        Observe(SocketEventKind.Connect, 4);
        Assert.AreEqual(new ProcessInfo(4, "System", null, @"NT AUTHORITY\SYSTEM", null) { SocketId = 1 }, Now(Find()));
        Assert.AreEqual("System", _lookup.Find(4)?.Name);
        Assert.IsFalse(_windows.Opened.ContainsKey(4));
    }

    [TestMethod]
    [DataRow(19, "ftp.exe", DisplayName = "within the step of the system clock")]
    [DataRow(21, "unknown", DisplayName = "later: the id is another's by now")]
    public void AProcessThatBeganAfterTheEventIsNotItsOwner(int milliseconds, string name)
    {
        _windows.Running[300] = new FakeProcess { Path = @"C:\ftp.exe", Created = _time.GetUtcNow().AddMilliseconds(milliseconds) };
        _time.Advance(TimeSpan.FromMilliseconds(5));
        _lookup.Observe(new SocketEvent(SocketEventKind.Connect, Tcp, Local, Peer, 300, 1, _time.GetTimestamp() - (_time.TimestampFrequency / 200)));
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.AreEqual(name, Now(Find())?.Name);
        Assert.AreEqual(name == "unknown" ? 0 : 300, Now(Find())?.Id);
    }

    [TestMethod]
    [DataRow("0.0.0.0:1515")]
    [DataRow("[::]:1515")]
    public void AUdpBindWithoutAddressOwnsItsPortOnEveryAddress(string bound)
    {
        _lookup.Observe(new SocketEvent(SocketEventKind.Bind, Udp, Raw.At(bound), None, 100, 1, _time.GetTimestamp()));
        Assert.AreEqual("ftp.exe", Now(Find(Udp))?.Name);
    }

    [TestMethod]
    public async Task ABindStandsForAConnectThatWasLost()
    {
        _lookup.Observe(new SocketEvent(SocketEventKind.Bind, Tcp, Raw.At("[::]:1515"), None, 100, 1, _time.GetTimestamp()));
        Assert.AreEqual("ftp.exe", (await FindLate())?.Name);
        Assert.AreEqual(0, _windows.TableReads);
    }

    [TestMethod]
    public void TheVeryAddressGoesBeforeAllAddresses()
    {
        _lookup.Observe(new SocketEvent(SocketEventKind.Bind, Udp, Local, None, 100, 1, _time.GetTimestamp()));
        _time.Advance(TimeSpan.FromSeconds(1));
        _lookup.Observe(new SocketEvent(SocketEventKind.Bind, Udp, Raw.At("0.0.0.0:1515"), None, 200, 2, _time.GetTimestamp()));
        Assert.AreEqual("ftp.exe", Now(Find(Udp))?.Name);
    }

    [TestMethod]
    public async Task ASocketLingersAfterItsCloseAndThenIsForgotten()
    {
        Observe(SocketEventKind.Connect, 100);
        Observe(SocketEventKind.Close, 100);
        Observe(SocketEventKind.Close, 100, remote: None);
        Assert.AreEqual("ftp.exe", (await FindLate())?.Name);

        _time.Advance(ProcessLookupLimits.Linger + ProcessLookupLimits.Sweep);
        Assert.AreSame(ProcessInfo.Unknown, await FindLate());
    }

    [TestMethod]
    public async Task TheNextSocketOnAPortIsNotTakenForTheClosedOne()
    {
        Observe(SocketEventKind.Connect, 100);
        Observe(SocketEventKind.Close, 100);
        var found = Find();
        Assert.IsFalse(found.IsCompleted);
        Observe(SocketEventKind.Connect, 200, id: 2);
        Assert.AreEqual("curl.exe", (await found)?.Name);
        // The second Close of the first socket does not touch the second.
        Observe(SocketEventKind.Close, 100, remote: None);
        Assert.AreEqual("curl.exe", Now(Find())?.Name);
    }

    [TestMethod]
    public void AProcessIsOpenedAtItsFirstEventAndReadOnce()
    {
        Observe(SocketEventKind.Connect, 100);
        Assert.IsTrue(SpinWait.SpinUntil(() => _windows.Opened.ContainsKey(100), TimeSpan.FromSeconds(10)));
        Assert.AreEqual("ftp.exe", _lookup.Find(100)?.Name);
        _windows.Running[100].HasExited = true;
        Observe(SocketEventKind.Listen, 100, remote: None, id: 2);
        Assert.AreEqual("ftp.exe", Now(Find())?.Name);
        Assert.AreEqual("ftp.exe", _lookup.Find(100)?.Name);
        Assert.AreEqual(1, _windows.Opened[100]);
    }

    [TestMethod]
    public void AProcessThatDeniesItsTokenKeepsItsName()
    {
        _windows.Running[300] = new FakeProcess { Path = @"C:\Windows\System32\services.exe" };
        Observe(SocketEventKind.Connect, 300);
        Assert.AreEqual(new ProcessInfo(300, "services.exe", @"C:\Windows\System32\services.exe", "unknown", null) { SocketId = 1 }, Now(Find()));
    }

    [TestMethod]
    public void AProcessThatCanNotBeReadKeepsItsIdSoThatItsListensJoinItsConnects()
    {
        Observe(SocketEventKind.Connect, 999);
        Assert.AreEqual(new ProcessInfo(999, "unknown", null, "unknown", null) { SocketId = 1 }, Now(Find()));
        Assert.AreEqual(999, _lookup.Find(999)?.Id);
    }

    [TestMethod]
    public void HandleAndTokenAreGivenBackSoonAfterTheEndAndTheNameIsKept()
    {
        var process = _windows.Running[100] = new FakeProcess { Path = @"C:\Windows\System32\ftp.exe", Identity = new FakeIdentity("alice") };
        Observe(SocketEventKind.Connect, 100);
        Assert.AreSame(process.Identity, Now(Find())?.Identity);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.IsFalse(process.IsDisposed);

        process.HasExited = true;
        _time.Advance(ProcessLookupLimits.Sweep);
        Assert.IsFalse(process.IsDisposed);
        _time.Advance(ProcessLookupLimits.TokenKept);
        Assert.IsTrue(process.IsDisposed);
        Assert.AreEqual("ftp.exe", Now(Find())?.Name);
        Assert.IsNull(Now(Find())?.Identity);

        // Its id may be another's now, and that one says so by an event.
        _windows.Running[100] = new FakeProcess { Path = @"C:\new.exe", Created = _time.GetUtcNow() };
        Observe(SocketEventKind.Connect, 100, remote: Raw.At("131.107.0.21:80"), id: 3);
        Assert.AreEqual("new.exe", Now(Find(remote: Raw.At("131.107.0.21:80")))?.Name);
        Assert.AreEqual(ProcessInfo.Unknown with { SocketId = 1 }, Now(Find()));
    }

    /// <summary>The close of a UDP socket tells no more than its number.</summary>
    [TestMethod]
    public void TheSocketOfADatagramIsNamedWhetherItsBindToldOfItOrItsPeer()
    {
        _lookup.Observe(new SocketEvent(SocketEventKind.Bind, Udp, Raw.At("0.0.0.0:1515"), None, 100, 7, _time.GetTimestamp()));
        Assert.AreEqual(7ul, Now(Find(Udp))?.SocketId);
        _lookup.Observe(new SocketEvent(SocketEventKind.Connect, Udp, Local, Peer, 100, 7, _time.GetTimestamp()));
        Assert.AreEqual(7ul, Now(Find(Udp))?.SocketId);
    }

    [TestMethod]
    public void DisposingGivesEveryProcessBack()
    {
        Observe(SocketEventKind.Connect, 100);
        Assert.AreEqual("ftp.exe", Now(Find())?.Name);
        _lookup.Dispose();
        Assert.IsTrue(_windows.Running[100].IsDisposed);
    }

    private Task<ProcessInfo?> Find(byte protocol = Tcp, PacketEndpoint? local = null, PacketEndpoint? remote = null) =>
        _lookup.FindAsync(protocol, local ?? Local, remote ?? Peer).AsTask();

    /// <summary>Waits as long as an event is waited for.</summary>
    private async Task<ProcessInfo?> FindLate(PacketEndpoint? local = null, PacketEndpoint? remote = null)
    {
        var found = Find(local: local, remote: remote);
        Assert.IsFalse(found.IsCompleted);
        _time.Advance(ProcessLookupLimits.EventWait);
        return await found;
    }

    private void Observe(SocketEventKind kind, int processId, PacketEndpoint? remote = null, ulong id = 1) =>
        _lookup.Observe(new SocketEvent(kind, Tcp, Local, remote ?? Peer, processId, id, _time.GetTimestamp()));

    private static ProcessInfo? Now(Task<ProcessInfo?> found)
    {
        Assert.IsTrue(found.IsCompletedSuccessfully, "it waited");
        return found.GetAwaiter().GetResult();
    }
}
