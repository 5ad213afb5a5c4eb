using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes.Windows;

namespace FwRedirect.Tests.Redirector.Processes.Windows;

/// <summary>The calls into Windows themselves.</summary>
[TestClass]
[SupportedOSPlatform("windows")]
public sealed class WindowsProcessesTests
{
    [TestInitialize]
    public void NeedWindows()
    {
        if (!OperatingSystem.IsWindows())
            Assert.Inconclusive("calls kernel32, advapi32, secur32 and iphlpapi: needs Windows");
    }

    [TestMethod]
    public void ThisProcessShowsItselfAndItsUser()
    {
        using var process = new WindowsProcesses().Open(Environment.ProcessId);
        Assert.IsNotNull(process);
        Assert.AreEqual(Environment.ProcessPath, process.Path, ignoreCase: true);
        Assert.AreEqual($@"{Environment.UserDomainName}\{Environment.UserName}", process.User, ignoreCase: true);
        Assert.IsFalse(process.HasExited);
        Assert.IsLessThan(DateTimeOffset.UtcNow, process.Created);
        Assert.IsTrue(process.Identity!.IsLoggedOn);
        Assert.AreEqual("ran", process.Identity.Run(() => new(default, default, "ran", "")).User);
    }

    [TestMethod]
    public void AProcessThatIsNotThereIsNull() => Assert.IsNull(new WindowsProcesses().Open(int.MaxValue - 3));

    [TestMethod]
    public void AnOwnConnectionIsFoundInTheTable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        client.Connect((IPEndPoint)listener.LocalEndpoint);
        var (local, remote) = (PacketEndpoint.From((IPEndPoint)client.Client.LocalEndPoint!), PacketEndpoint.From((IPEndPoint)client.Client.RemoteEndPoint!));
        Assert.AreEqual(Environment.ProcessId, new SocketTables().FindOwner(IpProtocol.Tcp, local, remote));
    }
}
