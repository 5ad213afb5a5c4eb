using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;
using FwRedirect.Lab.Product;
using FwRedirect.Lab.Servers;

namespace FwRedirect.Tests.EndToEnd;

/// <summary>
/// Programs that bring their own way to the network: runtimes of languages, a static binary, other users and namespaces, sockets with unusual options, resolvers. One lab for all.
/// </summary>
[TestClass]
[TestCategory("Lab")]
[DoNotParallelize]
public sealed class LanguageProgramTests : ProgramLab<LanguageProgramTests>
{
    private static readonly string Secure = $"https://{LabAddresses.WebName}";
    private static readonly string Address = $"http://{LabAddresses.WebName}:{SecureWebServer.PlainPort}/address";

    private static string Seen => $"{SeenAddress} HTTP/1.1\n";

    protected override async Task<Task<LabProcess>[]> StartServersAsync(LabNetwork network) =>
        [SecureWebServer.StartAsync(network, await LabCertificates.CreateAsync(network, Cancellation), Cancellation)];

    [TestMethod]
    public async Task Python_by_urllib_over_tls() =>
        Assert.AreEqual(Seen, await PythonAsync($"import urllib.request; print(urllib.request.urlopen('{Secure}/address').read().decode(), end='')"));

    /// <summary>Both families are asked for and raced (RFC 8305): there is an IPv6 address that leads nowhere.</summary>
    [TestMethod]
    public async Task Python_by_asyncio_with_happy_eyeballs()
    {
        const string Script = """
            import asyncio, time
            async def main():
                begun = time.monotonic()
                reader, writer = await asyncio.open_connection('both.contoso.com', 80, happy_eyeballs_delay=0.25)
                writer.write(b'GET / HTTP/1.0\r\n\r\n')
                print(writer.get_extra_info('peername')[0], time.monotonic() - begun < 1, b'crossed the firewall' in await reader.read())
            asyncio.run(main())
            """;
        Assert.AreEqual($"{LabAddresses.Server} True True\n", await PythonAsync(Script));
    }

    /// <summary>ftplib tells its own address and port by PORT, as FTP programs of all times do.</summary>
    [TestMethod]
    public async Task Python_by_ftplib_in_active_mode()
    {
        const string Script = """
            import ftplib
            ftp = ftplib.FTP('ftp.contoso.com'); ftp.login(); ftp.set_pasv(False)
            print(sorted(ftp.nlst())); lines = []; ftp.retrlines('RETR firewall-client-basics.txt', lines.append); print(lines[0]); ftp.quit()
            """;
        Assert.AreEqual("['firewall-client-basics.txt', 'release-notes-of-a-week.txt']\nThis file crossed the firewall.\n", await PythonAsync(Script));
    }

    [TestMethod]
    public async Task Node_by_http_fetch_and_its_own_resolver()
    {
        NeedProgram("node", "nodejs");
        string script =
            $$"""
            require('http').get('{{Address}}', r => r.on('data', d => process.stdout.write(d.toString())).on('end', () =>
              require('dns').promises.resolveMx('contoso.com').then(mx => console.log(mx[0].exchange))
                .then(() => new Promise(done => require('https').get('{{Secure}}/', { ca: require('fs').readFileSync('/etc/ssl/certs/lab.pem') },
                  s => s.on('data', d => process.stdout.write(d.toString())).on('end', done))))));
            """;
        Assert.AreEqual($"{Seen}mail.contoso.com\n{WebServer.IndexText}", await OutputAsync("node", "-e", script));
    }

    [TestMethod]
    public async Task Java_by_its_http_client()
    {
        NeedProgram("java", "a Java development kit");
        string file = Path.Combine(Folder, "Page.java");
        await File.WriteAllTextAsync(
            file,
            """
            import java.net.*; import java.net.http.*;
            public class Page {
              public static void main(String[] arguments) throws Exception {
                System.out.print(HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(arguments[0])).build(), HttpResponse.BodyHandlers.ofString()).body());
                try (Socket socket = new Socket("ftp.contoso.com", 21)) { System.out.println(socket.getRemoteSocketAddress()); }
                try { new Socket("ftp.contoso.com", 9); } catch (ConnectException refused) { System.out.println(refused.getMessage()); }
                try { new Socket("nosuchhost.contoso.com", 9); } catch (UnknownHostException unknown) { System.out.println(unknown.getMessage()); }
              }
            }
            """,
            Cancellation);
        Assert.AreEqual($"{Seen}ftp.contoso.com/{LabAddresses.Server}:21\nConnection refused\nnosuchhost.contoso.com\n", await OutputAsync("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", file, Address));
    }

    [TestMethod]
    public async Task Dotnet_by_its_http_client()
    {
        Assert.AreEqual($"HTTP/2.0 200\n{SeenAddress} HTTP/2.0\n", await OutputAsync(Executables.Lab, "get", $"{Secure}/address"));
        Assert.Contains("Connection refused", (await RunAsync(Executables.Lab, "get", $"http://{LabAddresses.ServerName}:{LabAddresses.ClosedPort}/")).Error);
    }

    [TestMethod]
    public async Task Perl_by_its_socket_module()
    {
        const string Script = """
            use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => 'ftp.contoso.com:80') or die $!;
            print $s->peerhost, "\n"; print $s "GET /address HTTP/1.0\r\n\r\n"; my @lines = <$s>; print $lines[-1];
            """;
        string result = await OutputAsync("perl", "-e", Script);
        Assert.StartsWith($"{LabAddresses.Server}\n{SeenAddress}:", result);
    }

    /// <summary>No library of the system is in such a process, so nothing that hooks libraries would reach it.</summary>
    [TestMethod]
    public async Task Busybox_as_a_static_binary()
    {
        Assert.Contains("statically linked", await OutputAsync("file", "-L", "/bin/busybox"));
        Assert.AreEqual(WebServer.IndexText, await OutputAsync("busybox", "wget", "-q", "-O", "-", $"http://{LabAddresses.ServerName}/"));
    }

    [TestMethod]
    [DataRow("setpriv --reuid=nobody --regid=nogroup --clear-groups", DisplayName = "as nobody")]
    [DataRow("setpriv --reuid=12345 --regid=12345 --clear-groups", DisplayName = "as a user without a name")]
    [DataRow("unshare --pid --mount-proc --fork", DisplayName = "in process and mount namespaces of its own")]
    [DataRow("unshare --user --map-root-user", DisplayName = "in a user namespace")]
    [DataRow("env -i", DisplayName = "without an environment")]
    public async Task Curl_as_somebody_else(string wrapper)
    {
        string[] words = wrapper.Split(' ');
        Assert.AreEqual(Seen, await OutputAsync(words[0], [.. words[1..], "/usr/bin/curl", "-sS", "--max-time", "20", Address]));
    }

    /// <summary>Its listening socket is seen in there, too: active FTP works.</summary>
    [TestMethod]
    public async Task Curl_in_a_control_group_of_its_own()
    {
        const string Script = """
            root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts); group=$root/fwr-lab-$$
            mkdir "$group"; trap 'echo $$ > "$root/cgroup.procs"; rmdir "$group"' EXIT
            echo $$ > "$group/cgroup.procs"
            """;
        LabCommand command = new LabCommand(
            "bash", "-ec", $"{Script}\nip netns exec {Network.Client.Name} curl -sS --max-time 20 {Address} --ftp-port - ftp://{LabAddresses.ServerName}/{FtpServer.FileNames[0]}");
        Assert.AreEqual($"{Seen}This file crossed the firewall.\r\n", (await command.RunAsync(Cancellation)).OrThrow().Output);
    }

    [TestMethod]
    [DataRow("--interface", "inside", DisplayName = "bound to a device")]
    [DataRow("--interface", LabAddresses.Client, DisplayName = "bound to an address")]
    [DataRow("--local-port", "41000-41009", DisplayName = "bound to a port")]
    [DataRow("--tcp-fastopen", "--tcp-nodelay", DisplayName = "TCP Fast Open")]
    [DataRow("--keepalive-time", "1", DisplayName = "keep-alive")]
    public async Task Curl_with_a_socket_of_its_own_kind(string option, string value) => Assert.AreEqual(Seen, await CurlOutputAsync(option, value, Address));

    /// <summary>One connection after the other from the same port to the same server, the next as soon as the client's own stack has forgotten the last.</summary>
    [TestMethod]
    public async Task A_port_is_used_again_at_once()
    {
        const string Script = """
            import socket, errno, time
            for _ in range(20):
                for wait in range(200):
                    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', 41500)); s.settimeout(10)
                    if (error := s.connect_ex(('131.107.0.21', 80))) != errno.EADDRNOTAVAIL: break
                    s.close(); time.sleep(0.005)
                assert error == 0, errno.errorcode[error]
                s.sendall(b'GET / HTTP/1.0\r\n\r\n')
                data = b''
                while chunk := s.recv(4096): data += chunk
                assert data.endswith(b'crossed the firewall.\n'), data
                s.close()
            print('twenty')
            """;
        Assert.AreEqual("twenty\n", await PythonAsync(Script));
    }

    [TestMethod]
    [DataRow("s.setsockopt(socket.SOL_IP, socket.IP_TRANSPARENT, 1)", DisplayName = "IP_TRANSPARENT")]
    [DataRow("s.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 77)", DisplayName = "SO_MARK")]
    [DataRow("s.setsockopt(socket.SOL_IP, socket.IP_TOS, 0x10)", DisplayName = "IP_TOS")]
    [DataRow("s.setsockopt(socket.SOL_IP, socket.IP_TTL, 1)", DisplayName = "IP_TTL 1")]
    [DataRow("s.setsockopt(socket.SOL_TCP, socket.TCP_MAXSEG, 536)", DisplayName = "TCP_MAXSEG")]
    [DataRow("s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)", DisplayName = "a small buffer")]
    [DataRow("s.setsockopt(socket.SOL_IP, socket.IP_OPTIONS, bytes(4 * [1]))", DisplayName = "IP options")]
    [DataRow("s = socket.socket(socket.AF_INET6); peer = '::ffff:131.107.0.21'", DisplayName = "an IPv6 socket with a mapped address")]
    [DataRow("s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)", DisplayName = "multipath TCP")]
    public async Task A_socket_with_an_option(string option)
    {
        string script =
            $"""
            import socket
            s = socket.socket(); peer = '131.107.0.21'
            try: {option}
            except OSError as error: print('not here', error); raise SystemExit
            s.settimeout(10); s.connect((peer, 80)); s.sendall(b'GET / HTTP/1.0\r\n\r\n'); data = b''
            while chunk := s.recv(4096): data += chunk
            print(s.getpeername()[0], data.endswith(b'crossed the firewall.\n'))
            """;
        string result = await PythonAsync(script);
        if (result.StartsWith("not here", StringComparison.Ordinal)) Assert.Inconclusive($"this kernel has it not: {result}");
        Assert.AreEqual($"{LabAddresses.Server} True", result.Trim().Replace("::ffff:", "", StringComparison.Ordinal));
    }

    [TestMethod]
    public async Task A_connect_that_does_not_block_says_when_it_is_through_and_when_it_is_refused()
    {
        const string Script = """
            import socket, select, errno
            for port in (80, 9):
                s = socket.socket(); s.setblocking(False)
                assert s.connect_ex(('131.107.0.21', port)) == errno.EINPROGRESS
                poll = select.epoll(); poll.register(s, select.EPOLLOUT)
                assert poll.poll(5)
                error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR); print(errno.errorcode.get(error, 'connected'))
            """;
        Assert.AreEqual("connected\nECONNREFUSED\n", await PythonAsync(Script));
    }

    /// <summary>The first address of the name is unreachable: each program takes the second.</summary>
    [TestMethod]
    [DataRow("curl -sS --max-time 20 http://half.contoso.com/")]
    [DataRow("wget -q -t 1 -T 10 -O - http://half.contoso.com/")]
    [DataRow("python3 -c import~urllib.request;print(urllib.request.urlopen('http://half.contoso.com/',timeout=10).read().decode(),end='')")]
    public async Task A_name_whose_first_address_is_dead(string command)
    {
        string[] words = [.. command.Split(' ').Select(word => word.Replace('~', ' '))];
        Assert.AreEqual(WebServer.IndexText, await OutputAsync(words[0], words[1..]));
    }

    [TestMethod]
    [DataRow("getent hosts ftp.contoso.com", LabAddresses.Server)]
    [DataRow("getent ahosts files.contoso.com", LabAddresses.Server)]
    [DataRow("getent ahostsv4 many.contoso.com", "131.107.1.40")]
    [DataRow("getent hosts 131.107.0.21", "ftp.contoso.com")]
    [DataRow("host -t mx contoso.com", "contoso.com mail is handled by 10 mail.contoso.com.")]
    [DataRow("host -t srv _ftp._tcp.contoso.com", "has SRV record 0 5 21 ftp.contoso.com.")]
    [DataRow("host 131.107.0.21", "domain name pointer ftp.contoso.com.")]
    [DataRow("host -T -t txt contoso.com", "v=spf1 mx -all")]
    [DataRow("nslookup www.contoso.com", "Address: 131.107.0.21")]
    [DataRow("nslookup -type=mx contoso.com", "mail exchanger = 10 mail.contoso.com.")]
    [DataRow("busybox nslookup download.contoso.com", "Address: 131.107.0.21")]
    [DataRow("python3 -c import~socket;print(socket.gethostbyaddr('131.107.0.21')[0])", "ftp.contoso.com")]
    public async Task A_resolver_answers(string command, string expected)
    {
        string[] words = [.. command.Split(' ').Select(word => word.Replace('~', ' '))];
        Assert.Contains(expected, await OutputAsync(words[0], words[1..]));
    }

    /// <summary>A local name belongs to the local server; on a machine without a way there the program hears so at once.</summary>
    [TestMethod]
    public async Task A_local_name_without_a_way_to_its_server_fails_at_once()
    {
        NeedServices();
        CommandResult result = await RunAsync("getent", "hosts", "printer");
        Assert.AreNotEqual(0, result.ExitCode);
        Assert.IsLessThan(AtOnce, result.Elapsed);
    }

    private Task<string> PythonAsync(string script) => OutputAsync("python3", "-c", script);
}
