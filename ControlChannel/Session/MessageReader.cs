using System.IO.Pipelines;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Session;

/// <summary>The incoming half of a channel: bytes to messages, one at a time.</summary>
internal static class MessageReader
{
    /// <summary>Reads until the peer closes, the bytes are wrong, or <paramref name="take"/> returns false. Returns why it ended; null where <paramref name="take"/> did it.</summary>
    public static async Task<SessionEnd?> RunAsync(PipeReader input, Func<RwsMessage, ValueTask<bool>> take, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(cancellationToken);
                var buffer = read.Buffer;
                while (RwsPacket.TryRead(ref buffer, out var message))
                {
                    if (!await take(message!))
                        return null;
                }

                input.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    return buffer.IsEmpty
                        ? new SessionEnd(SessionEndKind.ConnectionLost, "the peer closed the control connection")
                        : new SessionEnd(SessionEndKind.ConnectionLost, $"the control connection ended inside a packet, after {buffer.Length} bytes of it");
                }
            }
        }
        catch (RwsFormatException defect)
        {
            return new SessionEnd(SessionEndKind.ProtocolViolation, $"not RWS: {defect.Message}");
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            return new SessionEnd(SessionEndKind.ConnectionLost, $"the control connection broke: {failure.Message}");
        }
    }
}
