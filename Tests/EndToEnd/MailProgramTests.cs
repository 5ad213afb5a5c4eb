using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Mail goes out by SMTP to Exim and comes back by IMAP from Dovecot, with STARTTLS and with TLS from the start. One lab for all.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class MailProgramTests : ProgramLab<MailProgramTests>
{
    private const int Refused = 55;

    protected override void NeedPrograms()
    {
        NeedProgram("exim4", "exim4-daemon-light");
        NeedProgram("dovecot", "dovecot-imapd");
    }

    protected override async Task<Task<LabProcess>[]> StartServersAsync(LabNetwork network)
    {
        LabCertificates certificates = await LabCertificates.CreateAsync(network, Cancellation);
        return [MailServer.StartAsync(network, certificates, Cancellation), MailboxServer.StartAsync(network, certificates, Cancellation)];
    }

    [TestMethod]
    public async Task A_message_goes_out_by_smtp_and_comes_back_by_imap()
    {
        string message = Path.Combine(Folder, "message");
        string body = string.Concat(Enumerable.Range(1, 20_000).Select(i => $"line {i} of the message\r\n"));
        await File.WriteAllTextAsync(message, $"From: a@fabrikam.com\r\nTo: lab@contoso.com\r\nSubject: across\r\n\r\n{body}", Cancellation);
        await CurlOutputAsync("--ssl-reqd", $"smtp://{LabAddresses.MailName}", "--mail-from", "a@fabrikam.com", "--mail-rcpt", "lab@contoso.com", "--upload-file", message);

        string mailbox = $"imap://{LabAddresses.MailName}/INBOX";
        string[] login = ["--ssl-reqd", "--user", $"{MailboxServer.User}:{MailboxServer.Password}"];
        await WaitForMailAsync(login, mailbox);
        string received = await CurlOutputAsync([.. login, $"{mailbox};MAILINDEX=1"]);
        Assert.Contains($"[{SeenAddress}]", received);
        Assert.Contains("Subject: across\r\n", received);
        Assert.EndsWith(body, received);
        // The same by TLS from the start.
        Assert.AreEqual(received, await CurlOutputAsync("--user", $"{MailboxServer.User}:{MailboxServer.Password}", $"imaps://{LabAddresses.MailName}/INBOX;MAILINDEX=1"));
    }

    [TestMethod]
    public async Task A_foreign_recipient_is_refused_in_the_servers_own_words()
    {
        CommandResult result = await CurlAsync(
            Road, "--verbose", "--ssl-reqd", $"smtp://{LabAddresses.MailName}", "--mail-from", "a@fabrikam.com", "--mail-rcpt", "b@fabrikam.com", "--upload-file", "/etc/hostname");
        Assert.AreEqual(Refused, result.ExitCode, result.ToString());
        Assert.Contains("550 relay not permitted", result.Error);
        Assert.IsLessThan(AtOnce * 2, result.Elapsed);
    }

    /// <summary>IDLE (RFC 2177): the server speaks first, after a silence.</summary>
    [TestMethod]
    public async Task Imap_idle_is_told_of_new_mail()
    {
        string login = $"a login {MailboxServer.User} {MailboxServer.Password}";
        LabCommand client = new LabCommand(
            "bash", "-c", $"exec openssl s_client -quiet -verify_return_error -connect {LabAddresses.MailName}:993 < <(exec 2>&-; echo '{login}'; echo 'b select inbox'; echo 'c idle'; sleep 20)");
        await using LabProcess idle = Network.Client.Start("imap-idle", client);
        await idle.WaitForLineAsync(line => line.StartsWith("+ idling", StringComparison.Ordinal), TimeSpan.FromSeconds(15), Cancellation);
        await CurlOutputAsync("--ssl-reqd", $"smtp://{LabAddresses.MailName}", "--mail-from", "a@fabrikam.com", "--mail-rcpt", "lab@contoso.com", "--upload-file", "/etc/passwd");
        await idle.WaitForLineAsync(line => line.EndsWith(" EXISTS", StringComparison.Ordinal) && line[2] != '0', TimeSpan.FromSeconds(10), Cancellation);
    }

    private async Task WaitForMailAsync(string[] login, string mailbox)
    {
        for (int round = 0; round < 100; round++)
        {
            string status = await CurlOutputAsync([.. login, mailbox, "--request", "STATUS INBOX (MESSAGES)"]);
            if (!status.Contains("(MESSAGES 0)", StringComparison.Ordinal)) return;
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }

        Assert.Fail("no mail came within five seconds");
    }
}
