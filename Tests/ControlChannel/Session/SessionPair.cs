using System.Buffers;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;

namespace FwRedirect.Tests.ControlChannel.Session;

/// <summary>A client's and a firewall's session core joined by bytes, with a clock that the test moves.</summary>
internal sealed class SessionPair
{
    public SessionPair(bool required = true, bool offered = true, bool credentials = true, string[]? packages = null, ushort version = ChannelSetupRequest.CurrentVersion)
    {
        var setup = new ChannelSetupRequest(ChannelSetupRequest.IsaServerCompatible, version, Messages.Samples.WindowsXp) { Application = "ftp.exe" };
        Client = new ClientSession(setup, packages ?? ["NTLM"], credentials);
        Server = new ServerSession(
            new ChannelSetupResponse(
                ChannelSetupRequest.IsaServerCompatible, "FIREWALL", required, false, offered ? ["Negotiate", "NTLM"] : [],
                System.Net.IPAddress.Parse("131.107.0.19"), TimeSpan.FromSeconds(15)),
            offered);
    }

    public ClientSession Client { get; }

    public ServerSession Server { get; }

    public long Now { get; set; }

    /// <summary>Lines on the wire, in order.</summary>
    public List<string> Trace { get; } = [];

    public List<SessionAction> ClientActions { get; } = [];

    public List<SessionAction> ServerActions { get; } = [];

    /// <summary>True: the firewall's package takes the password; false: it refuses.</summary>
    public bool PasswordIsRight { get; set; } = true;

    public void Start()
    {
        Client.Start(Now);
        Server.Start(Now);
        Drive();
    }

    /// <summary>Carries messages both ways until both are quiet.</summary>
    public void Drive()
    {
        bool moved;
        do
        {
            moved = false;
            while (Client.TryTake(out var action))
            {
                moved = true;
                DoClient(action!);
            }

            while (Server.TryTake(out var action))
            {
                moved = true;
                DoServer(action!);
            }
        }
        while (moved);
    }

    public void Advance(long milliseconds)
    {
        Now += milliseconds;
        Client.Advance(Now);
        Server.Advance(Now);
        Drive();
    }

    private void DoClient(SessionAction action)
    {
        switch (action)
        {
            case SessionAction.Transmit transmit:
                Server.Receive(OverTheWire(transmit.Message), Now);
                break;
            case SessionAction.ProcessToken { Token.IsEmpty: true }:
                Client.TokenProcessed(new byte[] { 1 }, completed: false, Now);
                break;
            case SessionAction.ProcessToken:
                Client.TokenProcessed(new byte[] { 3 }, completed: true, Now);
                break;
            default:
                ClientActions.Add(action);
                break;
        }
    }

    private void DoServer(SessionAction action)
    {
        switch (action)
        {
            case SessionAction.Transmit transmit:
                Client.Receive(OverTheWire(transmit.Message), Now);
                break;
            case SessionAction.ProcessToken process when process.Token.Span[0] == 1:
                Server.Challenge(new byte[] { 2 });
                break;
            case SessionAction.ProcessToken when PasswordIsRight:
                Server.Accept("CONTOSO\\alice", default);
                break;
            case SessionAction.ProcessToken:
                Server.Refuse("FIREWALL did not accept the user name or the password");
                break;
            default:
                ServerActions.Add(action);
                break;
        }
    }

    private RwsMessage OverTheWire(RwsMessage message)
    {
        Trace.Add(message.Describe());
        var buffer = new ReadOnlySequence<byte>(RwsPacket.ToArray(message));
        Assert.IsTrue(RwsPacket.TryRead(ref buffer, out var read));
        return read!;
    }
}
