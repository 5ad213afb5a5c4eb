using System.Net;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>
/// One FTP control connection, both directions: the form of its lines, and the data connections that it announces.
/// </summary>
/// <param name="client">The end that asks, on this leg.</param>
/// <param name="server">The end that answers, as the data connections name it: behind the firewall it is the real server.</param>
/// <param name="redirected">True for a leg of a redirected connection.</param>
/// <param name="showPasswords">Prints PASS as it is also for real accounts.</param>
internal sealed class FtpSession(IPEndPoint client, IPEndPoint server, bool redirected, bool showPasswords, FtpDataEndpoints announced)
{
    private bool _loggedIn;
    private bool _anonymous;
    private bool _securing;

    /// <summary>True after AUTH was accepted: what follows is TLS.</summary>
    public bool Encrypted { get; private set; }

    public string Request(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var verb = (space < 0 ? line : line[..space]).ToUpperInvariant();
        var argument = space < 0 ? "" : line[(space + 1)..];
        switch (verb)
        {
            case "USER":
                _anonymous = argument.Equals("anonymous", StringComparison.OrdinalIgnoreCase) || argument.Equals("ftp", StringComparison.OrdinalIgnoreCase);
                break;
            case "PASS" when !_anonymous && !showPasswords:
                line = "PASS ********";
                break;
            case "AUTH":
                _securing = true;
                break;
            case "PORT" when FtpEndpoint.TryParseCommas(argument, out var port):
                announced.Add(port, client: true);
                break;
            case "EPRT" when FtpEndpoint.TryParseExtended(argument, out var extended):
                announced.Add(extended, client: true);
                break;
        }
        // In the article's capture these two commands stand behind the comma without a blank.
        var blank = verb is "PORT" or "EPRT" ? "" : " ";
        return Line($"Request from Port {client.Port},{blank}", line);
    }

    public string Reply(string line)
    {
        if (line.StartsWith("227", StringComparison.Ordinal) && FtpEndpoint.TryFindCommas(line, out var passive))
            announced.Add(passive, client: false);
        else if (line.StartsWith("229", StringComparison.Ordinal) && FtpEndpoint.TryFindExtendedPort(line, out var port))
            announced.Add(new IPEndPoint(server.Address, port), client: false);
        else if (line.StartsWith("234", StringComparison.Ordinal) && _securing)
            Encrypted = true;
        var text = Line($"Response to Port {client.Port}, ", line);
        _loggedIn |= line.StartsWith("230", StringComparison.Ordinal);
        return text;
    }

    /// <summary>
    /// The article prints ports only on the legs of a redirected session, and there only behind the logon; so does this.
    /// </summary>
    private string Line(string ports, string line) => redirected && _loggedIn ? $"FTP:{ports}'{line}'" : $"FTP: '{line}'";
}
