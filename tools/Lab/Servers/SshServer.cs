using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>
/// OpenSSH's sshd with keys of this run. Its user "lab" exists in the outside namespace only: /etc/passwd and /etc/shadow are
/// files of the namespace, so that neither the machine's accounts nor its PAM settings matter.
/// </summary>
public static class SshServer
{
    public const string User = "lab";
    private const int UserId = 60_998;

    public static string ClientKey(LabNetwork network) => Path.Combine(Folder(network), "client_key");

    public static string KnownHosts(LabNetwork network) => Path.Combine(Folder(network), "known_hosts");

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Folder(network)).FullName;
        string hostKey = Path.Combine(folder, "host_key");
        foreach (string key in new[] { hostKey, ClientKey(network) })
            (await new LabCommand("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", key).RunAsync(cancellation)).OrThrow();
        string publicHostKey = await File.ReadAllTextAsync($"{hostKey}.pub", cancellation);
        await File.WriteAllTextAsync(KnownHosts(network), $"{LabAddresses.ServerName},{LabAddresses.Server},{LabAddresses.ServerV6} {publicHostKey}", cancellation);
        File.Copy($"{ClientKey(network)}.pub", Path.Combine(folder, "authorized_keys"));
        Directory.CreateDirectory("/run/sshd"); // sshd's privilege separation folder, made by its service file otherwise

        string configuration = Path.Combine(folder, "sshd_config");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            ListenAddress {LabAddresses.Server}:22
            {(network.IPv6 == LabIPv6.None ? "" : $"ListenAddress [{LabAddresses.ServerV6}]:22")}
            HostKey {hostKey}
            PidFile none
            AuthorizedKeysFile {folder}/authorized_keys
            StrictModes no
            UsePAM no
            UseDNS no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PrintMotd no
            PrintLastLog no
            AllowUsers {User}
            Subsystem sftp internal-sftp

            """,
            cancellation);
        LabProcess process = network.Outside.Start("sshd", new LabCommand("/usr/sbin/sshd", "-D", "-e", "-f", configuration));
        await ServerPort.WaitAsync(network.Outside, process, 22, cancellation);
        return process;
    }

    /// <summary>The user "lab" of the servers' machine.</summary>
    public static async Task AddAccountAsync(LabNetwork network, CancellationToken cancellation)
    {
        LabNamespace outside = network.Outside;
        string accounts = await File.ReadAllTextAsync("/etc/passwd", cancellation);
        await File.WriteAllTextAsync($"{outside.EtcFolder}/passwd", $"{accounts.TrimEnd()}\n{User}:x:{UserId}:65534::{Folder(network)}:/bin/sh\n", cancellation);
        // '*' is "no password"; with '!' sshd takes the account for locked.
        await File.WriteAllTextAsync($"{outside.EtcFolder}/shadow", $"{User}:*:19000:0:99999:7:::\n", cancellation);
    }

    private static string Folder(LabNetwork network) => Path.Combine(network.Folder, "ssh");
}
