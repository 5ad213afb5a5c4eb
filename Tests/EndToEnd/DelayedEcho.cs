using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Lab.Network;
using FwRedirect.Tests.Redirector.Diversion.Linux;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>A machine of the lab that answers pings late: its kernel's own answers are switched off, and these come from here. (The lab's kernel has no netem.)</summary>
[SupportedOSPlatform("linux")]
internal sealed class DelayedEcho : IAsyncDisposable
{
    private readonly LabNamespace _machine;
    private readonly Socket _socket;
    private readonly TimeSpan _delay;
    private readonly CancellationTokenSource _stop = new();

    private DelayedEcho(LabNamespace machine, TimeSpan delay)
    {
        _machine = machine;
        _delay = delay;
        _socket = NamespacePair.Run(machine.Name, () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp));
        _socket.Bind(new IPEndPoint(IPAddress.Parse(LabAddresses.Server), 0));
        _ = AnswerAsync();
    }

    public static async Task<DelayedEcho> StartAsync(LabNamespace machine, TimeSpan delay)
    {
        (await machine.RunAsync("sysctl", ["-q", "-w", "net.ipv4.icmp_echo_ignore_all=1"])).OrThrow();
        return new DelayedEcho(machine, delay);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        _stop.Dispose();
        (await _machine.RunAsync("sysctl", ["-q", "-w", "net.ipv4.icmp_echo_ignore_all=0"])).OrThrow();
    }

    private async Task AnswerAsync()
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                const int Header = 20;
                if (buffer[Header] == 8)
                    _ = AnswerAsync(buffer.AsSpan(Header, received.ReceivedBytes - Header).ToArray(), received.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(byte[] message, EndPoint to)
    {
        await Task.Delay(_delay, TimeProvider.System, _stop.Token);
        message[0] = 0;
        // The type went from 8 to 0: the checksum's first word grows by as much (RFC 1624), with the carry around.
        var sum = ((message[2] << 8) | message[3]) + 0x0800;
        sum = (sum & 0xFFFF) + (sum >> 16);
        (message[2], message[3]) = ((byte)(sum >> 8), (byte)sum);
        await _socket.SendToAsync(message, SocketFlags.None, to, _stop.Token);
    }
}
