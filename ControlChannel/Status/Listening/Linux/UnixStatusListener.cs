using System.Net.Sockets;
using System.Runtime.Versioning;

namespace FwRedirect.ControlChannel.Status.Listening.Linux;

/// <summary>A unix socket that only its owner may connect to (mode 0600).</summary>
[SupportedOSPlatform("linux")]
internal sealed class UnixStatusListener : IStatusListener
{
    /// <summary>What open() says of a socket's file (open(2)): so it is told from other files without a call of our own.</summary>
    private const int NoSuchDevice = 6;

    /// <summary>Connections that wait to be taken; one more is refused at once (EAGAIN).</summary>
    private const int Backlog = 64;

    private readonly Socket _socket;
    private readonly string _path;

    private UnixStatusListener(Socket socket, string path)
    {
        _socket = socket;
        _path = path;
    }

    /// <summary>Takes the place over where a killed run has left its socket's file.</summary>
    /// <exception cref="IOException">Another process listens there, or something else stands there; so can <see cref="UnauthorizedAccessException"/> and <see cref="SocketException"/>.</exception>
    public static UnixStatusListener Open(string path)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        RemoveRemains(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            // Nobody can connect before the listen, so that nobody is let in by the mode that bind() gave it.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(Backlog);
            return new UnixStatusListener(socket, path);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<Stream> AcceptAsync(CancellationToken stop) => new NetworkStream(await _socket.AcceptAsync(stop), ownsSocket: true);

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_path);
    }

    private static void RemoveRemains(string path)
    {
        if (!File.Exists(path))
            return;
        if (!IsSocket(path))
            throw new IOException($"{path} is there and is no socket");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }

        throw new IOException($"another process listens on {path}");
    }

    private static bool IsSocket(string path)
    {
        try
        {
            // For reading and writing: so a FIFO lets us in too, and does not wait for somebody at its other end.
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete).Dispose();
            return false;
        }
        catch (IOException e)
        {
            return e.HResult == NoSuchDevice;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or NotSupportedException)
        {
            return false;
        }
    }
}
