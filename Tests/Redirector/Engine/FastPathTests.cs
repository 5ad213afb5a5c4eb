using System.Collections.Concurrent;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Engine;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;
using static FwRedirect.Tests.Redirector.Engine.EngineFixture;

namespace FwRedirect.Tests.Redirector.Engine;

[TestClass]
public sealed class FastPathTests
{
    [TestMethod]
    [DataRow(0, "192.168.0.2:1515")]
    [DataRow(1460, "192.168.0.2:1515")]
    [DataRow(65_000, "192.168.0.2:1515")]
    [DataRow(1460, "10.8.0.2:1515", DisplayName = "source rewritten too")]
    public void EstablishedFlowAllocatesNothing(int payload, string program)
    {
        var fixture = new EngineFixture();
        fixture.Establish(client: Raw.At(program), seenAs: Client);
        var forth = Raw.Tcp(Raw.At(program), Peer, TcpFlags.Ack, 1001, 5001, new byte[payload]);
        var back = Raw.Tcp(Inside, Client, TcpFlags.Ack, 5001, 1001, new byte[payload]);
        var packet = new byte[forth.Length];
        var rewritten = Run(fixture.Engine, 1_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        rewritten += Run(fixture.Engine, 100_000);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreEqual(101_000, rewritten);

        int Run(RedirectEngine engine, int packets)
        {
            var count = 0;
            for (var i = 0; i < packets; i++)
            {
                var outbound = (i & 1) == 0;
                (outbound ? forth : back).AsSpan().CopyTo(packet);
                var address = new DivertAddress
                {
                    Direction = outbound ? PacketDirection.Outbound : PacketDirection.Inbound,
                    Checksums = (i & 2) == 0 ? ChecksumState.Valid : ChecksumState.None,
                };
                if (engine.TryTranslate(packet, ref address, i, out var verdict) && verdict == PacketVerdict.Rewritten && address.Checksums == ChecksumState.Valid)
                    count++;
            }
            return count;
        }
    }

    /// <summary>Two threads carry 2,000 connections from SYN to the last ACK, the gate thread in between: each ends once, and nothing stays.</summary>
    [TestMethod]
    [Timeout(60_000)]
    public void TwoThreadsEndEveryFlowOnce()
    {
        const int Rounds = 40;
        const int Flows = 50;
        var fixture = new EngineFixture();
        var gate = new Lock();
        var ended = new ConcurrentDictionary<Flow, int>();
        for (var round = 0; round < Rounds; round++)
        {
            for (ushort i = 0; i < Flows; i++)
                fixture.Establish(client: At(i));
            using var start = new Barrier(2);
            var threads = new[]
            {
                Start(client => [Raw.Tcp(client, Peer, TcpFlags.Fin | TcpFlags.Ack, 1001, 5001), Raw.Tcp(client, Peer, TcpFlags.Ack, 1002, 5002)], PacketDirection.Outbound, start),
                Start(client => [Raw.Tcp(Inside, client, TcpFlags.Fin | TcpFlags.Ack, 5001, 1001), Raw.Tcp(Inside, client, TcpFlags.Ack, 5002, 1002)], PacketDirection.Inbound, start),
            };
            while (threads.Any(thread => thread.IsAlive))
                Collect(fixture.Tick(0));
            foreach (var thread in threads)
                thread.Join();
            Collect(fixture.Tick(0));
            Assert.HasCount((round + 1) * Flows, ended);
        }
        fixture.Tick(FlowLimits.Linger);
        Assert.AreEqual(0, fixture.Engine.Entries);
        Assert.IsTrue(ended.All(entry => entry.Value == 1 && entry.Key.End == FlowEnd.Closed));

        static PacketEndpoint At(ushort i) => new(Client.Address, (ushort)(3000 + i));

        void Collect(EngineAction[] actions)
        {
            foreach (var action in actions.Where(action => action.Kind == EngineActionKind.FlowEnded))
                ended.AddOrUpdate(action.Flow!, 1, (_, count) => count + 1);
        }

        Thread Start(Func<PacketEndpoint, byte[][]> packets, PacketDirection direction, Barrier start)
        {
            var all = Enumerable.Range(0, Flows).SelectMany(i => packets(At((ushort)i))).ToArray();
            var thread = new Thread(() =>
            {
                start.SignalAndWait();
                foreach (var packet in all)
                {
                    var address = new DivertAddress { Direction = direction, Checksums = ChecksumState.Valid };
                    if (!fixture.Engine.TryTranslate(packet, ref address, fixture.Now, out _))
                    {
                        lock (gate)
                            fixture.Engine.Decide(packet, ref address, fixture.Now, []);
                    }
                }
            });
            thread.Start();
            return thread;
        }
    }
}
