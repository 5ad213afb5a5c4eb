using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>slapd, OpenLDAP's server: dc=contoso,dc=com with some people, in a database of this run.</summary>
public static class DirectoryServer
{
    public const string Suffix = "dc=contoso,dc=com";
    public const int People = 300;

    private const int Port = 389;

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Path.Combine(network.Folder, "ldap")).FullName;
        string data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        string configuration = Path.Combine(folder, "slapd.conf");
        string entries = Path.Combine(folder, "people.ldif");
        await File.WriteAllTextAsync(configuration, Configuration(folder, data), cancellation);
        await File.WriteAllTextAsync(entries, Entries(), cancellation);
        (await new LabCommand("/usr/sbin/slapadd", "-q", "-f", configuration, "-l", entries).RunAsync(cancellation)).OrThrow();
        LabProcess process = network.Outside.Start("slapd", new LabCommand("/usr/sbin/slapd", "-f", configuration, "-h", $"ldap://{LabAddresses.Server}", "-d", "0"));
        await ServerPort.WaitAsync(network.Outside, process, Port, cancellation);
        return process;
    }

    private static string Configuration(string folder, string data) =>
        $"""
        include /etc/ldap/schema/core.schema
        include /etc/ldap/schema/cosine.schema
        include /etc/ldap/schema/inetorgperson.schema
        modulepath /usr/lib/ldap
        moduleload back_mdb
        pidfile {folder}/pid
        argsfile {folder}/args
        database mdb
        suffix "{Suffix}"
        directory {data}

        """;

    private static string Entries() => string.Concat(
        Enumerable.Range(1, People).Select(i => $"\ndn: cn=person{i},{Suffix}\nobjectClass: inetOrgPerson\ncn: person{i}\nsn: {i}\nmail: person{i}@contoso.com\n")
            .Prepend($"dn: {Suffix}\nobjectClass: dcObject\nobjectClass: organization\no: Contoso\ndc: contoso\n"));
}
