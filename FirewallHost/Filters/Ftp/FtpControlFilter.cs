using System.Buffers;
using System.Net;
using FwRedirect.FirewallHost.Configuration;

namespace FwRedirect.FirewallHost.Filters.Ftp;

/// <summary>
/// The half of an FTP control connection in which the client computer speaks, bytes in and bytes out. A line that names an endpoint of its own address (PORT and EPRT of a client;
/// the replies to PASV and EPSV of a server) stops it with <see cref="Held"/> set, until <see cref="Release"/> says what that endpoint is outside. All else passes as it came. Bytes
/// are kept only while a line may still become such a one.
/// </summary>
/// <param name="client">The client computer's address.</param>
/// <param name="lines">Null: those of an FTP client.</param>
internal sealed class FtpControlFilter(IPAddress client, IFtpEndpointLine? lines = null)
{
    private readonly IFtpEndpointLine _lines = lines ?? FtpAddressCommand.Instance;
    private readonly byte[] _line = new byte[Limits.FtpLine];
    private int _length;
    private bool _passing;

    /// <summary>The endpoint that the held command names; null while nothing is held.</summary>
    public IPEndPoint? Held { get; private set; }

    /// <summary>Takes bytes until all are taken or a command is held.</summary>
    /// <returns>How many were taken.</returns>
    public int Take(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var taken = 0;
        while (taken < input.Length && Held is null)
            taken += _passing ? Pass(input[taken..], output) : Collect(input[taken], output);
        return taken;
    }

    /// <summary>Lets the held command go: for <paramref name="outside"/>, or as it is where that is null.</summary>
    public void Release(IPEndPoint? outside, IBufferWriter<byte> output)
    {
        if (Held is null)
            throw new InvalidOperationException("no command is held");
        Held = null;
        if (outside is null)
            output.Write(_line.AsSpan(0, _length));
        else
            output.Write(_lines.Rewrite(_line.AsSpan(0, _length), outside));
        _length = 0;
    }

    /// <summary>The connection ends: what was kept of an unfinished line goes out.</summary>
    public void Finish(IBufferWriter<byte> output) => Flush(output);

    /// <summary>The rest of a line that is no address command.</summary>
    private int Pass(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var end = input.IndexOf((byte)'\n');
        _passing = end < 0;
        var count = end < 0 ? input.Length : end + 1;
        output.Write(input[..count]);
        return count;
    }

    private int Collect(byte next, IBufferWriter<byte> output)
    {
        _line[_length++] = next;
        var line = _line.AsSpan(0, _length);
        if (next == '\n')
        {
            // Port 0 is no endpoint, and another's address is the server's business: it refuses it, or it is a transfer between two servers.
            if (_lines.Parse(line, client) is { Port: > 0 } endpoint && endpoint.Address.Equals(client))
                Held = endpoint;
            else
                Flush(output);
        }
        else if (_length == _line.Length || !_lines.MayBecome(line))
        {
            Flush(output);
            _passing = true;
        }

        return 1;
    }

    private void Flush(IBufferWriter<byte> output)
    {
        output.Write(_line.AsSpan(0, _length));
        _length = 0;
    }
}
