using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>dig on the client: questions of every kind, with the answers that it would have had at the server itself. One lab for all.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class NameTests : SharedLab<NameTests>
{
    /// <summary>No machine has it, and nobody outside knows a way there: what the program is configured with need not be reachable from the firewall.</summary>
    private const string NoServer = "203.0.113.53";

    [TestMethod]
    [DataRow("ftp.contoso.com A", "131.107.0.21")]
    [DataRow("download.contoso.com A", "files.contoso.com. ftp.contoso.com. 131.107.0.21", DisplayName = "a chain")]
    [DataRow("ftp.contoso.com AAAA", "")]
    [DataRow("contoso.com MX", "10 mail.contoso.com.")]
    [DataRow("_ftp._tcp.contoso.com SRV", "0 5 21 ftp.contoso.com.")]
    [DataRow("contoso.com TXT", "\"v=spf1 mx -all\"")]
    [DataRow("contoso.com CAA", "0 issue \"ca.contoso.com\"")]
    [DataRow("www.contoso.com TYPE65", "1 . alpn=\"h2\"", DisplayName = "HTTPS")]
    [DataRow("-x 131.107.0.21", "ftp.contoso.com.")]
    [DataRow("+dnssec -x 131.107.0.99", "printer.contoso.com.")]
    [DataRow("+tcp contoso.com MX", "10 mail.contoso.com.")]
    [DataRow("+tcp ftp.contoso.com A", "131.107.0.21")]
    [DataRow("+dnssec ftp.contoso.com A", "131.107.0.21")]
    [DataRow("+noedns contoso.com MX", "10 mail.contoso.com.")]
    public async Task Each_question_has_its_answer(string question, string expected)
    {
        CommandResult result = (await DigAsync($"+short {question}")).OrThrow();
        Assert.AreEqual(expected, string.Join(' ', result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [TestMethod]
    [DataRow("any contoso.com", DisplayName = "ANY")]
    [DataRow("+tcp any contoso.com", DisplayName = "ANY over TCP")]
    public async Task Any_is_relayed(string question)
    {
        CommandResult result = (await DigAsync($"+short {question}")).OrThrow();
        Assert.HasCount(3, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), result.Output);
    }

    [TestMethod]
    [DataRow("", "flags: qr aa rd ra;")]
    [DataRow("+tcp", "flags: qr aa rd ra;")]
    public async Task Case_and_the_do_bit_come_back(string options, string flags)
    {
        CommandResult result = (await DigAsync($"{options} +dnssec CONtoso.com MX")).OrThrow();
        Assert.Contains(";CONtoso.com.", result.Output);
        Assert.Contains(flags, result.Output);
        Assert.Contains("flags: do;", result.Output);
        Assert.DoesNotContain("WARNING", result.Output);
    }

    /// <summary>dig says what it does: "Truncated, retrying in TCP mode".</summary>
    [TestMethod]
    [DataRow("big.contoso.com TXT")]
    [DataRow("+bufsize=4096 +dnssec big.contoso.com TXT")]
    [DataRow("+noedns big.contoso.com TXT")]
    public async Task What_does_not_fit_is_fetched_over_tcp(string question)
    {
        CommandResult udp = (await DigAsync($"+ignore {question}")).OrThrow();
        Assert.Contains(" tc ", udp.Output);
        CommandResult whole = (await DigAsync($"+short {question}")).OrThrow();
        Assert.AreEqual(DnsServer.BigLength, whole.Output.Count(char.IsAsciiLetterLower), whole.Output);
    }

    [TestMethod]
    [DataRow("many.contoso.com A")]
    [DataRow("+noedns many.contoso.com A")]
    [DataRow("+tcp many.contoso.com A")]
    public async Task Every_address_of_many_arrives(string question)
    {
        CommandResult result = (await DigAsync($"+short {question}")).OrThrow();
        Assert.AreEqual(DnsServer.ManyAddresses, result.Output.Split('\n').Count(line => line.StartsWith("131.107.1.", StringComparison.Ordinal)), result.Output);
    }

    [TestMethod]
    [DataRow("nobody.contoso.com A", "NXDOMAIN")]
    [DataRow("nobody.contoso.com MX", "NXDOMAIN")]
    [DataRow("+tcp nobody.contoso.com A", "NXDOMAIN")]
    [DataRow("-x 131.107.0.98", "NXDOMAIN")]
    [DataRow("+tcp _ldap._tcp.corp.example SRV", "NXDOMAIN", DisplayName = "local to the firewall, asked of a server outside")]
    [DataRow("contoso.com SRV", "NOERROR")]
    [DataRow("+edns=1 +noednsnegotiation contoso.com MX", "BADVERS")]
    public async Task What_is_not_there_is_said_not_to_be(string question, string status)
    {
        CommandResult result = (await DigAsync(question)).OrThrow();
        Assert.Contains($"status: {status}", result.Output);
        Assert.Contains("ANSWER: 0", result.Output);
    }

    [TestMethod]
    [DataRow("ftp.contoso.com CH TXT", "REFUSED")]
    [DataRow("+tcp ftp.contoso.com CH TXT", "REFUSED")]
    [DataRow("+opcode=STATUS contoso.com A", "NOTIMP")]
    [DataRow("+tcp +opcode=UPDATE contoso.com SOA", "NOTIMP")]
    public async Task What_a_resolver_does_not_do_is_refused(string question, string status)
    {
        NeedServices();
        CommandResult result = await DigAsync(question);
        Assert.Contains($"status: {status}", result.Output);
    }

    [TestMethod]
    [DataRow("contoso.com MX")]
    [DataRow("+tcp contoso.com MX")]
    public async Task The_server_that_is_asked_need_not_be_reachable(string question)
    {
        NeedServices();
        CommandResult result = (await DigAsync($"+short {question}", NoServer)).OrThrow();
        Assert.AreEqual("10 mail.contoso.com.\n", result.Output);
    }

    /// <summary>It goes to the server that was asked, whatever its type; here nobody is there.</summary>
    [TestMethod]
    [DataRow("printer A")]
    [DataRow("-x 192.168.0.7")]
    public async Task Local_names_are_not_asked_of_the_firewall(string question)
    {
        NeedServices();
        CommandResult result = await DigAsync(question, NoServer);
        Assert.AreNotEqual(0, result.ExitCode, result.Output);
    }

    [TestMethod]
    [Timeout(10_000, CooperativeCancellation = true)]
    public async Task The_access_log_names_what_a_program_looked_up()
    {
        NeedServices();
        (await CurlAsync(Road, "http://www.contoso.com/")).OrThrow();
        // Its line is written when both ends of the connection are closed, which is a little after curl.
        while (!(await File.ReadAllTextAsync(Road.FirewallProgram.AccessLogFile, Cancellation)).Contains("www.contoso.com", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
    }

    private Task<CommandResult> DigAsync(string question, string server = LabAddresses.NameServer) =>
        Road.Network.Client.RunAsync("dig", [$"@{server}", "+time=3", "+tries=1", .. question.Split(' ', StringSplitOptions.RemoveEmptyEntries)], cancellation: Cancellation);
}
