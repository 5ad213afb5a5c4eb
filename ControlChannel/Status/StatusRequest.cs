using System.Text;

namespace FwRedirect.ControlChannel.Status;

/// <summary>
/// An HTTP request as far as it is looked at: the request line (RFC 9112, 3). Everything is a GET without a body, so that headers say nothing that would change the answer.
/// </summary>
/// <param name="Method">As it came.</param>
/// <param name="Path">Without a query.</param>
internal sealed record StatusRequest(string Method, string Path)
{
    /// <summary>Null where the other end is gone or has sent more than a request has.</summary>
    public static async Task<StatusRequest?> ReadAsync(Stream stream, CancellationToken stop)
    {
        var buffer = new byte[StatusLimits.Request];
        var length = 0;
        while (length < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), stop);
            if (read == 0)
                return null;
            length += read;
            if (EndsHeaders(buffer.AsSpan(0, length)))
                return Parse(Encoding.ASCII.GetString(buffer, 0, length));
        }

        return null;
    }

    private static bool EndsHeaders(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\r\n\r\n"u8) >= 0 || bytes.IndexOf("\n\n"u8) >= 0;

    private static StatusRequest Parse(string text)
    {
        var words = text.AsSpan(0, text.IndexOf('\n', StringComparison.Ordinal)).Trim().ToString().Split(' ');
        return words.Length < 2 ? new StatusRequest("", "") : new StatusRequest(words[0], words[1].Split('?')[0]);
    }
}
