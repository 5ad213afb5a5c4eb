using System.Net;
using FwRedirect.ControlChannel.Messages;
using FwRedirect.ControlChannel.Session;

namespace FwRedirect.Tests.ControlChannel.Session;

/// <summary>Two cores over a connection that the test cuts: what is sent from then on is lost, as on a network.</summary>
internal sealed class ResumeLink(bool resumable)
{
    public const uint Session = 0xABCDEF01;
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(45);
    public static readonly byte[] Secret = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    public static readonly byte[] SecondNonce = [.. Enumerable.Repeat((byte)7, 32)];

    public static readonly ChannelSetupResponse Response = new(
        ChannelSetupRequest.IsaServerCompatible, "FIREWALL", AuthenticationRequired: false, EncryptionRequired: false, [], IPAddress.Loopback, TimeSpan.FromSeconds(15));

    private int? _cutAfter;

    public ClientSession Client { get; } = new(
        new ChannelSetupRequest(ChannelSetupRequest.IsaServerCompatible, 1, Messages.Samples.WindowsXp)
        {
            Application = "ftp.exe",
            Resumption = resumable ? new Resumption(0, 5) : null,
        },
        [], hasCredentials: false);

    public ServerSession Server { get; } = new(Response, authenticationOffered: false, new ResumeOffer(Session, Secret, new byte[32], Grace));

    public long Now { get; private set; } = 1000;

    public bool Cut { get; set; }

    public List<string> Trace { get; } = [];

    public List<string> Delivered { get; } = [];

    public List<string> Heard { get; } = [];

    public List<SessionAction.Answer> Answers { get; } = [];

    public List<SessionAction> ClientActions { get; } = [];

    /// <summary>The new connection's own core at the firewall, while it has not handed over.</summary>
    private ServerSession? _next;

    public void Start()
    {
        Client.Start(Now);
        Server.Start(Now);
        Drive();
    }

    public void CutAfter(int messages) => _cutAfter = messages;

    public void Lose()
    {
        (Cut, _cutAfter, _next) = (true, null, null);
        Client.Lose(SessionEndKind.ConnectionLost, "it was cut", Now);
        Server.Lose(SessionEndKind.ConnectionLost, "it was cut", Now);
        Drive();
    }

    public void Resume(bool cutBehindResume = false)
    {
        Cut = false;
        _next = new ServerSession(Response, authenticationOffered: false, new ResumeOffer(Session + 1, new byte[32], SecondNonce, Grace));
        _next.Start(Now);
        Client.Reconnected(Now);
        // Setup, its response, Resume: the fourth is the firewall's Resumed.
        _cutAfter = cutBehindResume ? 3 : null;
        Drive();
        Assert.AreEqual(cutBehindResume ? SessionState.Resuming : SessionState.Open, Client.State);
    }

    public void Advance(TimeSpan time)
    {
        Now += (long)time.TotalMilliseconds;
        Client.Advance(Now);
        Server.Advance(Now);
        Drive();
    }

    public void Drive()
    {
        bool moved;
        do
        {
            moved = false;
            while (Client.TryTake(out var action))
                (moved, _) = (true, Do(action!));
            while ((_next ?? Server).TryTake(out var action))
                (moved, _) = (true, DoServer(action!));
        }
        while (moved);
    }

    private bool Do(SessionAction action)
    {
        ClientActions.Add(action);
        if (action is SessionAction.Transmit transmit && Passes(transmit.Message))
            (_next ?? Server).Receive(RwsPacket.Read(RwsPacket.ToArray(transmit.Message)), Now);
        else if (action is SessionAction.Deliver deliver)
            Heard.Add($"{deliver.Message.OpCode} {deliver.Message.FirewallMapping}");
        else if (action is SessionAction.Answer answer)
            Answers.Add(answer);
        return true;
    }

    private bool DoServer(SessionAction action)
    {
        if (action is SessionAction.Transmit transmit && Passes(transmit.Message))
            Client.Receive(RwsPacket.Read(RwsPacket.ToArray(transmit.Message)), Now);
        else if (action is SessionAction.Deliver deliver)
            Delivered.Add($"{deliver.Message.OpCode} {deliver.Message.Id}");
        else if (action is SessionAction.FindSession find)
            HandOver(find.Request);
        return true;
    }

    private void HandOver(Resume request)
    {
        Assert.IsTrue(Server.TryResume(request, SecondNonce, Now));
        _next = null;
    }

    private bool Passes(RwsMessage message)
    {
        if (_cutAfter is { } left)
            (_cutAfter, Cut) = (left - 1, Cut || left == 0);
        if (!Cut)
            Trace.Add(message.Describe());
        return !Cut;
    }
}
