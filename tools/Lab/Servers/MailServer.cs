using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>Exim: takes mail for contoso.com by SMTP, with STARTTLS, and puts it into the one mailbox that <see cref="MailboxServer"/> shows.</summary>
public static class MailServer
{
    /// <summary>The package's own account: a foreign configuration costs Exim the right to become anybody else.</summary>
    public const string Account = "Debian-exim";

    private const int Port = 25;

    public static string Mailbox(LabNetwork network) => Path.Combine(network.Folder, "mailbox");

    public static async Task<LabProcess> StartAsync(LabNetwork network, LabCertificates certificates, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Path.Combine(network.Folder, "mail")).FullName;
        string mailbox = Directory.CreateDirectory(Mailbox(network)).FullName;
        (await new LabCommand("chown", Account, folder, mailbox).RunAsync(cancellation)).OrThrow();
        string configuration = Path.Combine(network.Folder, "exim.conf");
        await File.WriteAllTextAsync(configuration, Configuration(folder, mailbox, certificates), cancellation);
        LabProcess process = network.Outside.Start("exim", new LabCommand("/usr/sbin/exim4", "-bdf", "-C", configuration));
        await ServerPort.WaitAsync(network.Outside, process, Port, cancellation);
        return process;
    }

    private static string Configuration(string folder, string mailbox, LabCertificates certificates) =>
        $"""
        primary_hostname = {LabAddresses.MailName}
        qualify_domain = contoso.com
        domainlist local_domains = contoso.com
        local_interfaces = {LabAddresses.Server}
        daemon_smtp_ports = {Port}
        spool_directory = {folder}
        log_file_path = {folder}/%s.log
        pid_file_path = {folder}/pid
        tls_advertise_hosts = *
        tls_certificate = {certificates.Certificate}
        tls_privatekey = {certificates.Key}
        acl_smtp_rcpt = recipient
        acl_smtp_data = accept
        host_lookup =
        rfc1413_hosts =
        keep_environment =
        deliver_drop_privilege = true

        begin acl
        recipient:
          accept domains = +local_domains
          deny message = relay not permitted

        begin routers
        local:
          driver = accept
          transport = mailbox

        begin transports
        mailbox:
          driver = appendfile
          directory = {mailbox}
          maildir_format
          user = {Account}

        """;
}
