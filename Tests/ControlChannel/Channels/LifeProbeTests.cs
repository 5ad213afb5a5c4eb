using System.Net;
using System.Net.Sockets;
using System.Text;
using FwRedirect.ControlChannel.Client;
using FwRedirect.ControlChannel.Session;
using FwRedirect.Tests.ControlChannel.Messages;

namespace FwRedirect.Tests.ControlChannel.Channels;

[TestClass]
public sealed class LifeProbeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task AFirewallThatLivesAnswersAndNoSessionBegins()
    {
        var firewall = new PipeFirewall();
        await using var transport = firewall.Connect();
        Assert.IsTrue(await AskAsync(transport));
        for (var round = 0; round < 500 && firewall.Ends.IsEmpty; round++)
            await Task.Delay(10, TestContext.CancellationToken);
        Assert.AreEqual(SessionEndKind.NotCompatible, firewall.Ends.Single().Kind);
        Assert.IsEmpty(firewall.Owners);
        Assert.AreEqual(0, firewall.Sessions.LostCount);
    }

    [TestMethod]
    [DataRow("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", DisplayName = "another server")]
    [DataRow("", DisplayName = "who ends the connection")]
    public async Task OthersAreNoFirewall(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.CancellationToken);
        using (var server = await listener.AcceptTcpClientAsync(TestContext.CancellationToken))
            await server.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer), TestContext.CancellationToken);
        Assert.IsFalse(await AskAsync(client.GetStream()));
    }

    private Task<bool> AskAsync(Stream transport) => LifeProbe.AskAsync(transport, "fwredirect", Samples.WindowsXp, TestContext.CancellationToken).WaitAsync(Patience);
}
