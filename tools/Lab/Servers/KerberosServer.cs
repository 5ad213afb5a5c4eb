using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>A key distribution centre (MIT Kerberos) on the inside, as a domain controller would stand there: realm LAB.TEST, user alice, the firewall's service.</summary>
public sealed class KerberosServer : IAsyncDisposable
{
    public const string User = "alice@LAB.TEST";
    public const string Password = "lab-only-5e1c";

    /// <summary>The name that the firewall proves to have.</summary>
    public const string FirewallName = "fw.lab.test";

    public const string ServicePrincipalName = "HOST/" + FirewallName;

    private const string Realm = "LAB.TEST";
    private const int Port = 88;

    private readonly LabNetwork _network;
    private readonly string _folder;
    private LabProcess? _process;

    private KerberosServer(LabNetwork network)
    {
        _network = network;
        _folder = Directory.CreateDirectory(Path.Combine(network.Folder, "kerberos")).FullName;
    }

    /// <summary>For a program that logs on: it has the tickets of nobody.</summary>
    public IReadOnlyDictionary<string, string> ClientEnvironment => new Dictionary<string, string>
    {
        ["KRB5_CONFIG"] = ConfigurationFile,
        ["KRB5CCNAME"] = $"FILE:{Path.Combine(_folder, "nobody.tickets")}",
    };

    /// <summary>For a program that runs as alice: it has her tickets, once <see cref="GetTicketsAsync"/> got them.</summary>
    public IReadOnlyDictionary<string, string> AliceEnvironment => new Dictionary<string, string>(ClientEnvironment) { ["KRB5CCNAME"] = $"FILE:{TicketFile}" };

    /// <summary>For the firewall: it has the service's key.</summary>
    public IReadOnlyDictionary<string, string> FirewallEnvironment => new Dictionary<string, string>
    {
        ["KRB5_CONFIG"] = ConfigurationFile,
        ["KRB5_KTNAME"] = $"FILE:{KeyFile}",
        // A replay cache for all of the machine would stay behind.
        ["KRB5RCACHENAME"] = "none:",
    };

    private string ConfigurationFile => Path.Combine(_folder, "krb5.conf");

    private string ServerFile => Path.Combine(_folder, "kdc.conf");

    private string KeyFile => Path.Combine(_folder, "firewall.keytab");

    private string TicketFile => Path.Combine(_folder, "alice.tickets");

    public static async Task<KerberosServer> StartAsync(LabNetwork network, CancellationToken cancellation = default)
    {
        var server = new KerberosServer(network);
        await server.ConfigureAsync(cancellation);
        LabCommand command = server.Command("krb5kdc", "-n", "-P", Path.Combine(server._folder, "pid"));
        server._process = network.Firewall.Start("krb5kdc", command);
        await ServerPort.WaitAsync(network.Firewall, server._process, Port, cancellation);
        return server;
    }

    /// <summary>kinit, as alice's logon to her computer would do.</summary>
    public async Task GetTicketsAsync(CancellationToken cancellation = default)
    {
        LabCommand kinit = new LabCommand("kinit", User) { Input = $"{Password}\n", Environment = AliceEnvironment };
        (await kinit.Under("ip", "netns", "exec", _network.Client.Name).RunAsync(cancellation)).OrThrow();
    }

    public string Log() => _process?.Log() ?? "";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    private async Task ConfigureAsync(CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(ConfigurationFile, Configuration, cancellation);
        await File.WriteAllTextAsync(ServerFile, ServerConfiguration, cancellation);
        await RunAsync(Command("kdb5_util", "create", "-s", "-r", Realm, "-P", "lab-only-master"), cancellation);
        foreach (string query in new[] { $"addprinc -pw {Password} alice", $"addprinc -randkey {ServicePrincipalName}", $"ktadd -k {KeyFile} {ServicePrincipalName}" })
            await RunAsync(Command("kadmin.local", "-r", Realm, "-q", query), cancellation);
    }

    private static async Task RunAsync(LabCommand command, CancellationToken cancellation) => (await command.RunAsync(cancellation)).OrThrow();

    /// <summary>Debian keeps these programs where only root looks.</summary>
    private LabCommand Command(string program, params IReadOnlyList<string> arguments) => new LabCommand($"/usr/sbin/{program}", arguments)
    {
        Environment = new Dictionary<string, string> { ["KRB5_CONFIG"] = ConfigurationFile, ["KRB5_KDC_PROFILE"] = ServerFile },
    };

    private static string Configuration =>
        $$"""
        [libdefaults]
          default_realm = {{Realm}}
          dns_lookup_kdc = false
          dns_lookup_realm = false
          dns_canonicalize_hostname = false
          rdns = false
        [realms]
          {{Realm}} = {
            kdc = {{LabAddresses.FirewallInside}}:{{Port}}
          }
        [domain_realm]
          .lab.test = {{Realm}}

        """;

    private string ServerConfiguration =>
        $$"""
        [kdcdefaults]
          kdc_listen = {{LabAddresses.FirewallInside}}:{{Port}}
          kdc_tcp_listen = {{LabAddresses.FirewallInside}}:{{Port}}
        [realms]
          {{Realm}} = {
            database_name = {{_folder}}/principal
            key_stash_file = {{_folder}}/stash
            acl_file = {{_folder}}/acl
            max_life = 1h
          }
        [logging]
          kdc = STDERR

        """;
}
