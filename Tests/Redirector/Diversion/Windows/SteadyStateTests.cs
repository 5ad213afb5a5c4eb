using System.Runtime.Versioning;
using FwRedirect.Redirector.Diversion;
using FwRedirect.Redirector.Diversion.Windows;
using FwRedirect.Redirector.Diversion.Windows.Native;
using FwRedirect.Redirector.Packets;
using FwRedirect.Tests.Redirector.Packets;

namespace FwRedirect.Tests.Redirector.Diversion.Windows;

[TestClass]
[SupportedOSPlatform("windows")]
public sealed class SteadyStateTests
{
    [TestMethod]
    public void PacketsOfDecidedFlowsAndSmallOnesOfOurOwnAllocateNothing()
    {
        using var diverter = new WinDivertDiverter(new EndlessDriver(), "true", new WinDivertOptions(), TimeProvider.System);
        using var batch = WinDivertDiverter.CreateBatch();
        var reset = Raw.Tcp(Raw.At("131.107.0.21:21"), Raw.At("192.168.0.2:49152"), TcpFlags.Rst);
        Run(10);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int batches)
        {
            for (var i = 0; i < batches; i++)
            {
                diverter.Receive(0, batch);
                batch.Verdict(0) = PacketVerdict.Drop;
                batch.Verdict(1) = PacketVerdict.Rewritten;
                diverter.Complete(0, batch);
                diverter.Send(reset, new DivertAddress { Direction = PacketDirection.Inbound, InterfaceIndex = 12 });
            }
        }
    }

    /// <summary>A driver with the same three packets for ever.</summary>
    private sealed class EndlessDriver : IWinDivertDriver, IWinDivertHandle
    {
        private readonly byte[] _packet = Raw.Tcp(Raw.At("192.168.0.2:49152"), Raw.At("131.107.0.21:21"), TcpFlags.Ack, payload: new byte[100]);

        public IWinDivertHandle Open(string filter, WinDivertLayer layer, short priority, WinDivertOpenFlags flags) => this;

        public bool Receive(Span<byte> packets, Span<WinDivertAddress> addresses, out int length, out int count, out int error)
        {
            for (var i = 0; i < 3; i++)
            {
                _packet.CopyTo(packets[(i * _packet.Length)..]);
                addresses[i] = new WinDivertAddress { Flags = WinDivertAddressFlags.Outbound };
            }

            (length, count, error) = (3 * _packet.Length, 3, 0);
            return true;
        }

        public bool Send(ReadOnlySpan<byte> packets, ReadOnlySpan<WinDivertAddress> addresses, out int error)
        {
            error = 0;
            return true;
        }

        public void Set(WinDivertParameter parameter, ulong value)
        {
        }

        public ulong Get(WinDivertParameter parameter) => 0;

        public void Shutdown(WinDivertShutdown how)
        {
        }

        public void Dispose()
        {
        }
    }
}
