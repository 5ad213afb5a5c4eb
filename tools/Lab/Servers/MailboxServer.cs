using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>Dovecot: the mailbox by IMAP, with STARTTLS on 143 and TLS on 993.</summary>
public static class MailboxServer
{
    public const string User = "lab";
    public const string Password = "lab-only-27d0";

    private const int Port = 143;

    public static async Task<LabProcess> StartAsync(LabNetwork network, LabCertificates certificates, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Path.Combine(network.Folder, "dovecot")).FullName;
        string configuration = Path.Combine(network.Folder, "dovecot.conf");
        await File.WriteAllTextAsync(configuration, Configuration(folder, MailServer.Mailbox(network), certificates), cancellation);
        LabProcess process = network.Outside.Start("dovecot", new LabCommand("/usr/sbin/dovecot", "-F", "-c", configuration));
        await ServerPort.WaitAsync(network.Outside, process, Port, cancellation);
        return process;
    }

    private static string Configuration(string folder, string mailbox, LabCertificates certificates) =>
        $$"""
        base_dir = {{folder}}
        state_dir = {{folder}}
        protocols = imap
        listen = {{LabAddresses.Server}}
        log_path = /dev/stderr
        ssl = yes
        ssl_cert = <{{certificates.Certificate}}
        ssl_key = <{{certificates.Key}}
        disable_plaintext_auth = yes
        mail_location = maildir:{{mailbox}}
        first_valid_uid = 1
        passdb {
          driver = static
          args = password={{Password}}
        }
        userdb {
          driver = static
          args = uid={{MailServer.Account}} gid={{MailServer.Account}} home={{mailbox}}
        }

        """;
}
