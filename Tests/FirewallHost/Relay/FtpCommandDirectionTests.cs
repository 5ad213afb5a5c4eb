using System.Net;
using System.Net.Sockets;
using System.Text;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.FirewallHost.Configuration;
using FwRedirect.FirewallHost.Filters.Ftp;
using FwRedirect.FirewallHost.Relay;
using FwRedirect.FirewallHost.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FwRedirect.Tests.FirewallHost.Relay;

/// <summary>The race between PORT and the Bind request that belongs to it, in both orders.</summary>
[TestClass]
public sealed class FtpCommandDirectionTests
{
    private static readonly IPEndPoint Client = IPEndPoint.Parse("127.0.0.1:1234");
    private readonly FakeTimeProvider _time = new();

    [TestMethod]
    [Timeout(60_000)]
    public async Task Binding_first_then_the_command()
    {
        using var binding = Bind();
        var bindings = new SessionBindings(_time);
        bindings.TryAdd(binding);
        binding.Listen(1);
        Assert.AreEqual(Rewritten(binding), await RunAsync(bindings, _ => Task.CompletedTask));
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Command_first_waits_until_the_binding_listens()
    {
        using var binding = Bind();
        var bindings = new SessionBindings(_time);
        var line = await RunAsync(bindings, async server =>
        {
            bindings.TryAdd(binding);
            bindings.Changed();
            Assert.AreEqual(0, server.Available, "a bound socket that does not listen yet is not enough");
            binding.Listen(1);
            bindings.Changed();
            await Task.CompletedTask;
        });
        Assert.AreEqual(Rewritten(binding), line);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task Command_without_a_binding_goes_unchanged_when_the_hold_is_over()
    {
        var line = await RunAsync(new SessionBindings(_time), server =>
        {
            _time.Advance(Limits.FtpHold - TimeSpan.FromMilliseconds(1));
            Assert.AreEqual(0, server.Available);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            return Task.CompletedTask;
        });
        Assert.AreEqual("PORT 127,0,0,1,4,210\r\n", line);
    }

    private static Binding Bind() => new(new ObjectId(0x40200), new IPEndPoint(IPAddress.Loopback, 0), Client, new PortClaims());

    private static string Rewritten(Binding binding) => $"PORT 127,0,0,1,{binding.Outside.Port >> 8},{binding.Outside.Port & 0xFF}\r\n";

    /// <summary>Sends NOOP and PORT; when the NOOP is through, PORT has been taken too and is held, and <paramref name="meanwhile"/> happens.</summary>
    private static async Task<string> RunAsync(SessionBindings bindings, Func<Socket, Task> meanwhile)
    {
        using var inside = await SocketPair.ConnectAsync();
        using var outside = await SocketPair.ConnectAsync();
        var signal = new Announcing(bindings);
        var direction = new FtpCommandDirection(
            inside.Near, outside.Near, new FtpControlFilter(IPAddress.Loopback), signal, NullLogger.Instance, CancellationToken.None);
        var running = direction.RunAsync(static () => { });
        await inside.Far.SendAsync("NOOP\r\nPORT 127,0,0,1,4,210\r\n"u8.ToArray());
        var noop = new byte[6];
        Assert.AreEqual(6, await outside.Far.ReceiveAsync(noop));
        await signal.Asked.Task;
        await meanwhile(outside.Far);
        inside.Far.Shutdown(SocketShutdown.Send);
        var line = Encoding.ASCII.GetString(await SocketPair.ReadToEndAsync(outside.Far));
        Assert.AreEqual(DirectionEnd.Finished, await running);
        return line;
    }

    /// <summary>Says when the filter has come to ask.</summary>
    private sealed class Announcing(IOutsideEndpoints endpoints) : IOutsideEndpoints
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask<IPEndPoint?> FindListeningAsync(IPEndPoint client, CancellationToken stop)
        {
            var finding = endpoints.FindListeningAsync(client, stop);
            Asked.TrySetResult();
            return finding;
        }
    }
}
