using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>
/// A certificate authority of this run, and a certificate of it for the servers. The client trusts it by its system's own store: /etc/ssl is a folder of its namespace, so that no
/// program needs an option.
/// </summary>
public sealed record LabCertificates(string Certificate, string Key)
{
    public static async Task<LabCertificates> CreateAsync(LabNetwork network, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Path.Combine(network.Folder, "certificates")).FullName;
        DateTimeOffset from = DateTimeOffset.UtcNow.AddHours(-1);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Lab authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using X509Certificate2 authority = request.CreateSelfSigned(from, from.AddDays(7));

        var certificates = new LabCertificates(Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        await certificates.WriteServersAsync(authority, from, cancellation);
        await TrustAsync(network.Client, authority, cancellation);
        return certificates;
    }

    private async Task WriteServersAsync(X509Certificate2 authority, DateTimeOffset from, CancellationToken cancellation)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={LabAddresses.WebName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string name in new[] { LabAddresses.WebName, LabAddresses.MailName, LabAddresses.ServerName })
            names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Parse(LabAddresses.Server));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false)); // server authentication
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using X509Certificate2 server = request.Create(authority, from, from.AddDays(6), RandomNumberGenerator.GetBytes(8));
        await File.WriteAllTextAsync(Certificate, server.ExportCertificatePem() + "\n", cancellation);
        // Each server reads it as somebody else; it is worth nothing after the run.
        await File.WriteAllTextAsync(Key, key.ExportPkcs8PrivateKeyPem() + "\n", cancellation);
    }

    private static async Task TrustAsync(LabNamespace client, X509Certificate2 authority, CancellationToken cancellation)
    {
        string store = Directory.CreateDirectory(Path.Combine(client.EtcFolder, "ssl", "certs")).FullName;
        if (File.Exists("/etc/ssl/openssl.cnf"))
            File.Copy("/etc/ssl/openssl.cnf", Path.Combine(client.EtcFolder, "ssl", "openssl.cnf"));
        await File.WriteAllTextAsync(Path.Combine(store, "ca-certificates.crt"), authority.ExportCertificatePem() + "\n", cancellation);
        File.Copy(Path.Combine(store, "ca-certificates.crt"), Path.Combine(store, "lab.pem"));
        // Some look a certificate up by the hash of its name.
        (await new LabCommand("openssl", "rehash", store).RunAsync(cancellation)).OrThrow();
    }
}
