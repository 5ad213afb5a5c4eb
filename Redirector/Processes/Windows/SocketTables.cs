using System.Buffers;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;
using FwRedirect.Redirector.Processes.Windows.Native;

namespace FwRedirect.Redirector.Processes.Windows;

/// <summary>The tables of the IP helper API.</summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe class SocketTables : ISocketTables
{
    /// <summary>Room at the first try; a table that is larger says so.</summary>
    private const uint FirstSize = 64 * 1024;

    /// <summary>A table grows while it is asked for; one that outgrows its room this often is given up.</summary>
    private const int Tries = 4;

    public int FindOwner(byte protocol, PacketEndpoint local, PacketEndpoint remote)
    {
        var isTcp = protocol == IpProtocol.Tcp;
        if (!local.IsIPv4)
            return Find(isTcp, IpHelper.FamilyInet6, isTcp ? SocketTableLayout.Tcp6 : SocketTableLayout.Udp6, local, remote);
        var owner = Find(isTcp, IpHelper.FamilyInet, isTcp ? SocketTableLayout.Tcp4 : SocketTableLayout.Udp4, local, remote);
        // An IPv6 socket that takes IPv4 too stands in the table of IPv6.
        return owner != 0 ? owner : Find(isTcp, IpHelper.FamilyInet6, isTcp ? SocketTableLayout.Tcp6 : SocketTableLayout.Udp6, local, remote);
    }

    private static int Find(bool isTcp, uint family, SocketTableLayout layout, PacketEndpoint local, PacketEndpoint remote)
    {
        var size = FirstSize;
        for (var tries = 0; tries < Tries; tries++)
        {
            var buffer = ArrayPool<byte>.Shared.Rent((int)size);
            try
            {
                size = (uint)buffer.Length;
                var result = Read(isTcp, family, buffer, &size);
                if (result == IpHelper.NoError)
                    return layout.FindOwner(buffer.AsSpan(0, (int)Math.Min(size, (uint)buffer.Length)), local, remote);
                if (result != IpHelper.InsufficientBuffer)
                    return 0;
                // Some more, for what opens meanwhile.
                size += size / 4;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        return 0;
    }

    private static uint Read(bool isTcp, uint family, byte[] buffer, uint* size)
    {
        fixed (byte* table = buffer)
        {
            return isTcp
                ? IpHelper.GetTcpTable(table, size, order: 0, family, IpHelper.TcpOwnerPidAll, reserved: 0)
                : IpHelper.GetUdpTable(table, size, order: 0, family, IpHelper.UdpOwnerPid, reserved: 0);
        }
    }
}
