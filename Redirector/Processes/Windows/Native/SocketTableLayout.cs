using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Redirector.Processes.Windows.Native;

/// <summary>
/// Where the fields lie in the rows of MIB_TCPTABLE_OWNER_PID and its three sisters (iphlpapi): a count of 4 bytes, then the rows without a gap. Addresses are in
/// network order, and so are ports, in the lower half of a 4-byte word; process ids are little-endian.
/// </summary>
/// <param name="RowSize">Bytes of a row.</param>
/// <param name="AddressSize">4 or 16.</param>
/// <param name="RemoteAddress">Below 0 where rows have no peer.</param>
[SupportedOSPlatform("windows")]
internal sealed record SocketTableLayout(
    int RowSize, int AddressSize, int LocalAddress, int LocalPort, int RemoteAddress, int RemotePort, int ProcessId)
{
    private const int CountSize = 4;

    /// <summary>MIB_TCPROW_OWNER_PID: state, local address and port, remote address and port, process.</summary>
    public static SocketTableLayout Tcp4 { get; } = new(24, 4, 4, 8, 12, 16, 20);

    /// <summary>MIB_TCP6ROW_OWNER_PID: local address, scope and port, remote address, scope and port, state, process.</summary>
    public static SocketTableLayout Tcp6 { get; } = new(56, 16, 0, 20, 24, 44, 52);

    /// <summary>MIB_UDPROW_OWNER_PID: local address and port, process.</summary>
    public static SocketTableLayout Udp4 { get; } = new(12, 4, 0, 4, -1, -1, 8);

    /// <summary>MIB_UDP6ROW_OWNER_PID: local address, scope and port, process.</summary>
    public static SocketTableLayout Udp6 { get; } = new(28, 16, 0, 20, -1, -1, 24);

    /// <summary>The process of the socket with these ends; of a UDP socket on all addresses, where none has the very address. 0: not told.</summary>
    public int FindOwner(ReadOnlySpan<byte> table, PacketEndpoint local, PacketEndpoint remote)
    {
        if (table.Length < CountSize)
            return 0;
        // What the buffer holds counts, whatever the table says of itself.
        var rows = Math.Min(MemoryMarshal.Read<uint>(table), (uint)((table.Length - CountSize) / RowSize));
        var onAllAddresses = 0;
        for (var i = 0; i < rows; i++)
        {
            var row = table.Slice(CountSize + (i * RowSize), RowSize);
            if (PortAt(row, LocalPort) != local.Port)
                continue;
            var address = AddressAt(row, LocalAddress);
            var owner = MemoryMarshal.Read<int>(row[ProcessId..]);
            if (RemoteAddress >= 0)
            {
                if (address == local.Address && AddressAt(row, RemoteAddress) == remote.Address && PortAt(row, RemotePort) == remote.Port)
                    return owner;
            }
            else if (address == local.Address)
            {
                return owner;
            }
            else if (IsWildcard(address))
            {
                onAllAddresses = owner;
            }
        }

        return onAllAddresses;
    }

    private UInt128 AddressAt(ReadOnlySpan<byte> row, int offset) => AddressSize == 4
        ? PacketEndpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(row[offset..]), 0).Address
        : BinaryPrimitives.ReadUInt128BigEndian(row[offset..]);

    private static ushort PortAt(ReadOnlySpan<byte> row, int offset) => BinaryPrimitives.ReadUInt16BigEndian(row[offset..]);

    private static bool IsWildcard(UInt128 address) => address == 0 || new PacketEndpoint(address, 0) is { IsIPv4: true, IPv4: 0 };
}
