using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>tftpd-hpa: what it answers comes from another port than the one that was asked.</summary>
public static class TrivialFtpServer
{
    public const string FileName = "boot.img";

    public static string Folder(LabNetwork network) => Path.Combine(network.Folder, "tftp");

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Folder(network)).FullName;
        const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
        File.SetUnixFileMode(folder, Everybody);
        byte[] content = new byte[300_000];
        new Random(7).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(folder, FileName), content, cancellation);
        LabProcess process = network.Outside.Start(
            "tftpd", new LabCommand("/usr/sbin/in.tftpd", "--foreground", "--user", "nobody", "--create", "--permissive", "--address", $"{LabAddresses.Server}:69", "--secure", folder));
        await ServerPort.WaitForDatagramsAsync(network.Outside, process, 69, cancellation);
        return process;
    }
}
