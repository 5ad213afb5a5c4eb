using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>ngtcp2's HTTP/3 server, with the web server's files.</summary>
public static class QuicServer
{
    public const int Port = 443;

    public const string FileName = "over-quic.bin";

    public static string File(LabNetwork network) => Path.Combine(network.Folder, "quic", FileName);

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Path.Combine(network.Folder, "quic")).FullName;
        byte[] content = new byte[5_000_000];
        new Random(9).NextBytes(content);
        await System.IO.File.WriteAllBytesAsync(File(network), content, cancellation);
        (string key, string certificate) = (Path.Combine(network.Folder, "quic.key"), Path.Combine(network.Folder, "quic.crt"));
        string[] request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", $"/CN={LabAddresses.ServerName}"];
        (await new LabCommand("openssl", request).RunAsync(cancellation)).OrThrow();
        LabProcess process = network.Outside.Start("gtlsserver", new LabCommand("gtlsserver", "-q", "-d", folder, LabAddresses.Server, $"{Port}", key, certificate));
        await ServerPort.WaitForDatagramsAsync(network.Outside, process, Port, cancellation);
        return process;
    }
}
