using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>curl, wget, aria2, ab and wrk against nginx: versions of HTTP, uploads, ranges, many connections, slow servers and slow readers. One lab for all.</summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class WebProgramTests : ProgramLab<WebProgramTests>
{
    private const int LargeFile = 20_000_000;
    private const int ManyFiles = 300;

    private static readonly string Plain = $"http://{LabAddresses.WebName}:{SecureWebServer.PlainPort}";
    private static readonly string Secure = $"https://{LabAddresses.WebName}";

    private static string Root => SecureWebServer.Root(Network);

    protected override async Task<Task<LabProcess>[]> StartServersAsync(LabNetwork network)
    {
        LabCertificates certificates = await LabCertificates.CreateAsync(network, Cancellation);
        Task<LabProcess> server = SecureWebServer.StartAsync(network, certificates, Cancellation);
        await FileAsync(Path.Combine(Root, "large"), LargeFile);
        foreach (int i in Enumerable.Range(1, ManyFiles))
            await FileAsync(Path.Combine(Root, "many", $"{i}"), 1_000 + i);
        return [server];
    }

    [TestMethod]
    public async Task Http_1_1_keeps_one_connection_for_all()
    {
        string result = await CurlOutputAsync("--write-out", "%{num_connects} %{http_version}\n", $"{Plain}/", $"{Plain}/address", $"{Plain}/");
        Assert.AreEqual($"{WebServer.IndexText}1 1.1\n{SeenAddress} HTTP/1.1\n0 1.1\n{WebServer.IndexText}0 1.1\n", result);
    }

    [TestMethod]
    public async Task Http_2_over_tls_with_the_systems_trust()
    {
        string result = await CurlOutputAsync("--write-out", "%{http_version} %{remote_ip}:%{remote_port} %{ssl_verify_result}", $"{Secure}/address");
        Assert.AreEqual($"{SeenAddress} HTTP/2.0\n2 {LabAddresses.Server}:443 0", result);
    }

    [TestMethod]
    [DataRow("--http1.1", DisplayName = "HTTP/1.1, after 100 Continue")]
    [DataRow("--http2", DisplayName = "HTTP/2")]
    public async Task An_upload_arrives_whole(string version)
    {
        string file = Path.Combine(Root, "large");
        string name = version.TrimStart('-');
        CommandResult result = (await CurlAsync(Road, version, "--fail", "--verbose", "--header", "Expect: 100-continue", "--upload-file", file, $"{Secure}/upload/{name}")).OrThrow();
        if (version == "--http1.1") Assert.Contains("< HTTP/1.1 100 Continue", result.Error);
        await AssertSameAsync(file, Path.Combine(Root, "upload", name));
    }

    [TestMethod]
    public async Task An_upload_without_a_length_goes_in_chunks()
    {
        await BashAsync($"curl -sS --fail --http1.1 -T - {Plain}/upload/chunked < {Root}/large");
        await AssertSameAsync(Path.Combine(Root, "large"), Path.Combine(Root, "upload", "chunked"));
    }

    [TestMethod]
    public async Task Curl_asks_for_a_range_and_goes_on_where_it_stopped()
    {
        byte[] content = await File.ReadAllBytesAsync(Path.Combine(Root, "large"), Cancellation);
        string file = Path.Combine(Folder, "range");
        await CurlOutputAsync("--range", "1000-1999", "--output", file, $"{Plain}/large");
        CollectionAssert.AreEqual(content[1000..2000], await File.ReadAllBytesAsync(file, Cancellation));
        await File.WriteAllBytesAsync(file, content[..7_000_000], Cancellation);
        await CurlOutputAsync("--continue-at", "-", "--output", file, $"{Plain}/large");
        await AssertSameAsync(Path.Combine(Root, "large"), file);
    }

    [TestMethod]
    [DataRow(false, DisplayName = "HTTP/1.1, fifty connections")]
    [DataRow(true, DisplayName = "HTTP/2, streams")]
    public async Task Curl_fetches_hundreds_in_parallel(bool secure)
    {
        string folder = Path.Combine(Folder, $"parallel-{secure}");
        await CurlOutputAsync("--parallel", "--parallel-max", "50", "--create-dirs", $"{(secure ? Secure : Plain)}/many/[1-{ManyFiles}]", "--output", $"{folder}/#1");
        await AssertAllAsync(folder);
    }

    [TestMethod]
    public async Task Wget_goes_on_where_it_stopped_and_follows_links()
    {
        await File.WriteAllTextAsync(
            Path.Combine(Root, "links.html"), string.Concat(Enumerable.Range(1, ManyFiles).Select(i => $"<a href=\"many/{i}\">{i}</a>\n")), Cancellation);
        string folder = Path.Combine(Folder, "wget");
        await OutputAsync("wget", "--no-verbose", "--recursive", "--level=1", "--no-host-directories", "--directory-prefix", folder, $"{Secure}/links.html");
        await AssertAllAsync(Path.Combine(folder, "many"));

        byte[] begin = (await File.ReadAllBytesAsync(Path.Combine(Root, "large"), Cancellation))[..5_000_000];
        await File.WriteAllBytesAsync(Path.Combine(folder, "large"), begin, Cancellation);
        await OutputAsync("wget", "--quiet", "--continue", "--directory-prefix", folder, $"{Plain}/large");
        await AssertSameAsync(Path.Combine(Root, "large"), Path.Combine(folder, "large"));
    }

    [TestMethod]
    public async Task Aria2_puts_a_file_together_from_sixteen_connections()
    {
        await OutputAsync("aria2c", "--quiet", "--max-connection-per-server=16", "--split=16", "--min-split-size=1M", "--dir", Folder, "--out", "aria2", $"{Plain}/large");
        await AssertSameAsync(Path.Combine(Root, "large"), Path.Combine(Folder, "aria2"));
    }

    [TestMethod]
    public async Task Ab_makes_thousands_of_connections()
    {
        string result = await OutputAsync("ab", "-q", "-n", "3000", "-c", "200", $"{Plain}/address");
        Assert.Contains("Complete requests:      3000", result);
        Assert.Contains("Failed requests:        0", result);
        Assert.DoesNotContain("Non-2xx", result);
    }

    /// <summary>More at once than the firewall has under way outside: the rest waits for its turn, and nobody is told no.</summary>
    [TestMethod]
    public async Task Wrk_opens_fifteen_hundred_connections_at_once()
    {
        string result = await BashAsync($"ulimit -n 4096; wrk -t 2 -c 1500 -d 3s --timeout 10s {Plain}/address");
        TestContext.WriteLine(result);
        Assert.DoesNotContain("Socket errors", result);
        Assert.DoesNotContain("Non-2xx", result);
    }

    [TestMethod]
    public async Task A_slow_server_is_waited_for()
    {
        string file = await FileAsync(Path.Combine(Root, "slow", "drops"), 3 * SecureWebServer.SlowRate);
        string fetched = Path.Combine(Folder, "drops");
        CommandResult result = (await CurlAsync(Road, "--fail", "--output", fetched, $"{Plain}/slow/drops")).OrThrow();
        Assert.IsGreaterThan(TimeSpan.FromSeconds(1), result.Elapsed);
        await AssertSameAsync(file, fetched);
    }

    /// <summary>The server's window closes and opens again all the way: the firewall keeps no more than its sockets hold.</summary>
    [TestMethod]
    public async Task A_slow_reader_gets_everything()
    {
        string fetched = Path.Combine(Folder, "slow-reader");
        await CurlOutputAsync("--limit-rate", "8M", "--output", fetched, $"{Plain}/large");
        await AssertSameAsync(Path.Combine(Root, "large"), fetched);
    }

    private async Task AssertAllAsync(string folder)
    {
        foreach (int i in Enumerable.Range(1, ManyFiles))
            await AssertSameAsync(Path.Combine(Root, "many", $"{i}"), Path.Combine(folder, $"{i}"));
    }
}
