using System.Text;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>vsftpd: anonymous, active mode from port 20, passive mode, with the article's banner.</summary>
public static class FtpServer
{
    /// <summary>vsftpd's line is 58 bytes and the name: these two make a listing of 169 bytes, the article's size.</summary>
    public static readonly IReadOnlyList<string> FileNames = ["firewall-client-basics.txt", "release-notes-of-a-week.txt"];

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string root = Directory.CreateDirectory(Path.Combine(network.Folder, "ftp")).FullName;
        string empty = Directory.CreateDirectory(Path.Combine(network.Folder, "ftp-empty")).FullName;
        foreach (string name in FileNames)
            await File.WriteAllTextAsync(Path.Combine(root, name), "This file crossed the firewall.\r\n", cancellation);

        string configuration = Path.Combine(network.Folder, "vsftpd.conf");
        await File.WriteAllTextAsync(configuration, Configuration(root, empty), cancellation);
        if (network.IPv6 != LabIPv6.None)
            await File.WriteAllTextAsync(ConfigurationIPv6(network), Configuration(root, empty, v6: true), cancellation);
        LabProcess process = network.Outside.Start("vsftpd", new LabCommand("vsftpd", configuration));
        await ServerPort.WaitAsync(network.Outside, process, 21, cancellation);
        return process;
    }

    /// <summary>A second one over the same files: one vsftpd listens on one address. Behind the first, which makes the files.</summary>
    public static async Task<LabProcess> StartIPv6Async(LabNetwork network, Task<LabProcess> first, CancellationToken cancellation)
    {
        await first;
        LabProcess process = network.Outside.Start("vsftpd6", new LabCommand("vsftpd", ConfigurationIPv6(network)));
        await ServerPort.WaitIPv6Async(network.Outside, process, 21, cancellation);
        return process;
    }

    private static string ConfigurationIPv6(LabNetwork network) => Path.Combine(network.Folder, "vsftpd6.conf");

    // isolate and seccomp: the session's own namespaces and filters are about an attacker's file access, and differ from kernel to kernel.
    private static string Configuration(string root, string empty, bool v6 = false) => new StringBuilder()
        .AppendLine(v6 ? "listen=NO" : "listen=YES").AppendLine(v6 ? "listen_ipv6=YES" : "listen_ipv6=NO").AppendLine("background=NO")
        .AppendLine(v6 ? $"listen_address6={LabAddresses.ServerV6}" : $"listen_address={LabAddresses.Server}")
        .AppendLine("anonymous_enable=YES").AppendLine("local_enable=NO").AppendLine("write_enable=NO").AppendLine($"anon_root={root}")
        .AppendLine("port_enable=YES").AppendLine("connect_from_port_20=YES").AppendLine("pasv_enable=YES")
        .AppendLine("ftpd_banner=Microsoft FTP Service").AppendLine("xferlog_enable=NO").AppendLine("syslog_enable=NO")
        .AppendLine("isolate=NO").AppendLine("isolate_network=NO").AppendLine("seccomp_sandbox=NO").AppendLine($"secure_chroot_dir={empty}")
        .AppendLine("nopriv_user=nobody").AppendLine("ftp_username=ftp").ToString();
}
