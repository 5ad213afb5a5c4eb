using System.Net;
using FwRedirect.ControlChannel.Messages;

namespace FwRedirect.Diagnostics.Decoding;

/// <summary>One line of a trace. A packet that completes several messages has several, under one number.</summary>
/// <param name="Number">The packet's place in the trace, from 1.</param>
/// <param name="Source">Address only, as in the article; a hardware address or <c>-</c> below IP.</param>
/// <param name="Protocol">The name in front of the description's first colon.</param>
/// <param name="Description">What the packet says, in the article's notation; one line, no control characters.</param>
/// <param name="Ports">Source and destination of TCP and UDP, null otherwise.</param>
/// <param name="Retransmission">True for bytes or a SYN that came before.</param>
/// <param name="Rws">The control channel's message, where the line is one.</param>
internal sealed record DecodedLine(
    long Number, DateTimeOffset Time, string Source, string Destination, string Protocol, string Description,
    (IPEndPoint Source, IPEndPoint Destination)? Ports = null, bool Retransmission = false, RwsMessage? Rws = null);
