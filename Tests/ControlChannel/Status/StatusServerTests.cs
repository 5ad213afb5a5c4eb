using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using FwRedirect.ControlChannel.Status;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;

namespace FwRedirect.Tests.ControlChannel.Status;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
[SupportedOSPlatform("linux")]
public sealed class StatusServerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("status-").FullName;
    private readonly Source _source = new();

    private string Path => System.IO.Path.Combine(_folder, "sub", "status.sock");

    private StatusEndpoint Endpoint => new(Path, IsConfigured: true);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public async Task AServiceTellsHowItIs()
    {
        await using var server = Open();
        using var client = new StatusClient(Endpoint);
        var status = await client.StatusAsync(CancellationToken.None);
        Assert.AreEqual("fwtest", status.Service);
        Assert.AreEqual(7, status.Counters["flows"]["pending"]);
        Assert.AreEqual("no firewall", status.Problems.Single());
        Assert.IsFalse(status.IsHealthy);
        var flows = await client.FlowsAsync(CancellationToken.None);
        Assert.HasCount(3, flows);
        Assert.AreEqual("10.0.0.2", flows[2].Client);
    }

    [TestMethod]
    public async Task OnlyItsOwnerMayAsk()
    {
        await using var server = Open();
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [TestMethod]
    [DataRow("GET /status HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n", DisplayName = "curl")]
    [DataRow("GET /status\n\n", "HTTP/1.1 200 OK\r\n", DisplayName = "by hand")]
    [DataRow("GET /nothing HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n", DisplayName = "not there")]
    [DataRow("POST /status HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n", DisplayName = "no change")]
    [DataRow("\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n", DisplayName = "no request")]
    public async Task ARequestOfItsOwnKindIsAnswered(string request, string answer)
    {
        await using var server = Open();
        Assert.StartsWith(answer, await SayAsync(request));
    }

    [TestMethod]
    public async Task WhoSendsNoEndOrLeavesDoesNoHarm()
    {
        await using var server = Open();
        Assert.AreEqual("", await SayAsync(new string('x', 20_000)));
        for (var i = 0; i < 20; i++)
        {
            using var gone = Connect();
            await gone.SendAsync("GET /st"u8.ToArray());
        }

        using var client = new StatusClient(Endpoint);
        Assert.AreEqual("fwtest", (await client.StatusAsync(CancellationToken.None)).Service);
    }

    [TestMethod]
    public async Task TheSocketOfAKilledRunIsTakenOver()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        // A socket file whose listener is gone: moved while it is bound, since closing removes the name that it was bound to.
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(Path + ".first"));
            killed.Listen(1);
            File.Move(Path + ".first", Path);
        }

        Assert.IsTrue(File.Exists(Path));
        using (var client = new StatusClient(Endpoint))
        {
            var failure = await Assert.ThrowsExactlyAsync<StatusUnavailableException>(() => client.StatusAsync(CancellationToken.None));
            Assert.IsTrue(failure.IsAbsent);
            Assert.Contains("nobody listens", failure.Message);
        }

        await using (Open())
        {
            using var client = new StatusClient(Endpoint);
            Assert.AreEqual("fwtest", (await client.StatusAsync(CancellationToken.None)).Service);
        }

        Assert.IsFalse(File.Exists(Path));
    }

    [TestMethod]
    public async Task ALivingServiceIsNotPushedOut()
    {
        await using var first = Open();
        Assert.Contains("another process listens", Assert.ThrowsExactly<StatusUnavailableException>(() => Open()).Message);
        using var client = new StatusClient(Endpoint);
        Assert.AreEqual("fwtest", (await client.StatusAsync(CancellationToken.None)).Service);
    }

    [TestMethod]
    public void AFileOfAnotherKindIsLeftAlone()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, "mine");
        Assert.Contains("is no socket", Assert.ThrowsExactly<StatusUnavailableException>(() => Open()).Message);
        Assert.AreEqual("mine", File.ReadAllText(Path));
    }

    [TestMethod]
    public void ADefaultPlaceThatCanNotBeHadIsAWordInTheLog()
    {
        var log = new FakeLogger();
        File.WriteAllText(System.IO.Path.Combine(_folder, "sub"), "in the way");
        Assert.IsNull(StatusServer.Open(Endpoint with { IsConfigured = false }, _source, TimeProvider.System, log));
        Assert.Contains($"no status on {Path}", log.LatestRecord.Message);
    }

    [TestMethod]
    public async Task NobodyThereIsOneSentence()
    {
        using var client = new StatusClient(Endpoint);
        var failure = await Assert.ThrowsExactlyAsync<StatusUnavailableException>(() => client.StatusAsync(CancellationToken.None));
        Assert.IsTrue(failure.IsAbsent);
        Assert.AreEqual($"{Path} does not exist", failure.Message);
    }

    [TestMethod]
    [DataRow("/run/x.sock", "/run/x.sock")]
    [DataRow("x.sock", "/etc/fw/x.sock")]
    public void AFileIsRelativeToTheConfiguration(string text, string path)
    {
        Assert.IsTrue(StatusEndpoint.TryParse(text, "/etc/fw", out var endpoint));
        Assert.AreEqual(new StatusEndpoint(path, IsConfigured: true), endpoint);
    }

    [TestMethod]
    public void NoneIsNowhereAndWhatTheSystemCanNotTakeIsWrong()
    {
        Assert.IsTrue(StatusEndpoint.TryParse("none", "/", out var none));
        Assert.IsNull(none);
        Assert.IsFalse(StatusEndpoint.TryParse("/" + new string('x', 107), "/", out _));
        Assert.IsTrue(StatusEndpoint.TryParse("/" + new string('x', 106), "/", out _));
        Assert.IsFalse(StatusEndpoint.TryParse("/run/", "/", out _));
    }

    private StatusServer Open() => StatusServer.Open(Endpoint, _source, TimeProvider.System, NullLogger.Instance)!;

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(Path));
        return socket;
    }

    private async Task<string> SayAsync(string request)
    {
        using var socket = Connect();
        await using var stream = new NetworkStream(socket);
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
            return await new StreamReader(stream).ReadToEndAsync();
        }
        catch (IOException)
        {
            // Closed with bytes unread: a reset.
            return "";
        }
    }

    private sealed class Source : IStatusSource
    {
        public ServiceStatus Status()
        {
            var counters = new StatusCounters();
            counters.Add("flows", "pending", 3);
            counters.Add("flows", "pending", 4);
            return new ServiceStatus
            {
                Service = "fwtest",
                Version = "1",
                ProcessId = 1,
                Started = DateTimeOffset.UnixEpoch,
                Problems = ["no firewall"],
                Counters = counters.Groups,
            };
        }

        public IEnumerable<FlowStatus> Flows() => Enumerable.Range(0, 3).Select(i => new FlowStatus { Client = $"10.0.0.{i}", Peer = "x", State = "Established" });
    }
}
