using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>Chromium without a window. One lab for all.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class BrowserTests : ProgramLab<BrowserTests>
{
    // It must ask for nothing but the page: no update, no account, no QUIC (a matter of UDP). Its sandbox does not work for root.
    private static readonly string[] Options =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--ignore-certificate-errors", "--dump-dom",
    ];

    protected override void NeedPrograms() => NeedProgram("chromium", "chromium");

    protected override async Task<Task<LabProcess>[]> StartServersAsync(LabNetwork network)
    {
        LabCertificates certificates = await LabCertificates.CreateAsync(network, Cancellation);
        Task<LabProcess> web = SecureWebServer.StartAsync(network, certificates, Cancellation);
        await web;
        await BrowserPage.WriteAsync(SecureWebServer.Root(network), Cancellation);
        return [web, MessageServer.StartAsync(network, Cancellation)];
    }

    [TestMethod]
    [DataRow("http://ftp.contoso.com:8080", "HTTP/1.1")]
    [DataRow("https://www.contoso.com", "HTTP/2.0")]
    public async Task Chromium_loads_a_page_of_thirty_resources(string server, string protocol)
    {
        string scheme = server.Split(':')[0];
        string log = SecureWebServer.AccessLog(Network);
        if (File.Exists(log)) await File.WriteAllTextAsync(log, "", Cancellation);
        LabCommand chromium = Network.Client.Command(
            "env", [$"HOME={Folder}", "chromium", .. Options, $"--user-data-dir={Path.Combine(Folder, $"profile-{scheme}")}", $"{server}/page/index.html"]);
        CommandResult result = (await chromium.RunAsync(Cancellation)).OrThrow();
        Assert.Contains($"<p id=\"result\">{BrowserPage.Expected}</p>", result.Output);

        string[][] requests = [.. (await File.ReadAllLinesAsync(log, Cancellation)).Select(line => line.Split(' '))];
        string[] paths = [.. requests.Where(fields => fields[0] == SeenAddress && fields[1] == protocol && fields[2] == "200").Select(fields => fields[5])];
        CollectionAssert.IsSubsetOf(BrowserPage.Resources.Select(name => $"/page/{name}").ToArray(), paths);
        Assert.IsTrue(requests.All(fields => fields[0] == SeenAddress), "a request came from elsewhere");
    }
}
