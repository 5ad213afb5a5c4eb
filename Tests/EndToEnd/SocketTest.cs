using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Tests.Redirector.Diversion.Linux;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>A test whose program and server are sockets of this process, made inside the client's and the server's namespace.</summary>
[SupportedOSPlatform("linux")]
public abstract class SocketTest<TClass> : SharedLab<TClass>
    where TClass : SocketTest<TClass>
{
    protected const int TcpLevel = 6;

    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private const int SocketLevel = 1;
    private const int ReuseAddress = 2;
    private const int ReusePort = 15;
    private const int FastOpen = 23;

    protected Task<(Socket Program, Socket Server)> ConnectAsync() => ConnectAsync(null, null);

    protected async Task<(Socket Program, Socket Server)> ConnectAsync(Socket? listener, Socket? program)
    {
        Socket? own = listener is null ? await ListenAsync(LabAddresses.Server) : null;
        listener ??= own!;
        program ??= NamespacePair.Run(Road.Network.Client.Name, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        Task<Socket> accepting = listener.AcceptAsync(Cancellation).AsTask();
        await program.ConnectAsync(listener.LocalEndPoint!, Cancellation).AsTask().WaitAsync(Soon, Cancellation);
        Socket server = await accepting.WaitAsync(Soon, Cancellation);
        own?.Dispose();
        return (program, server);
    }

    protected Task<Socket> ListenAsync(string address, bool fastOpen = false) => Task.FromResult(NamespacePair.Run(Road.Network.Outside.Name, () =>
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        if (fastOpen)
            listener.SetRawSocketOption(TcpLevel, FastOpen, BitConverter.GetBytes(16));
        listener.Listen();
        return listener;
    }));

    /// <summary>A socket that shares its port with others.</summary>
    protected Socket Shared(string address, int port) => NamespacePair.Run(Road.Network.Client.Name, () =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        foreach (int option in new[] { ReuseAddress, ReusePort })
            socket.SetRawSocketOption(SocketLevel, option, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        return socket;
    });

    protected async Task<string> SomeAsync(Socket socket)
    {
        var buffer = new byte[4096];
        int count = await socket.ReceiveAsync(buffer, Cancellation).AsTask().WaitAsync(Soon, Cancellation);
        return System.Text.Encoding.ASCII.GetString(buffer, 0, count);
    }

    /// <summary>All until the other side's FIN.</summary>
    protected async Task<string> TextAsync(Socket socket)
    {
        string text = "";
        while (await SomeAsync(socket) is { Length: > 0 } some)
            text += some;
        return text;
    }

    protected async Task<long> CountAsync(Socket socket)
    {
        var buffer = new byte[65_536];
        long sum = 0;
        int count;
        while ((count = await socket.ReceiveAsync(buffer, Cancellation).AsTask().WaitAsync(Soon, Cancellation)) > 0)
            sum += count;
        return sum;
    }

    protected async Task<long> CounterAsync(string name) => (await StatusReader.CountersAsync(Road.RedirectorProgram.StatusSocket, Cancellation))[name];
}
