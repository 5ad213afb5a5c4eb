using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>dnsmasq with the zone contoso.com and nobody to ask: what it does not know does not exist.</summary>
internal static class DnsServer
{
    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string configuration = Path.Combine(network.Folder, "dnsmasq.conf");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            keep-in-foreground
            user=nobody
            pid-file=
            no-resolv
            no-hosts
            no-poll
            log-facility=-
            bind-interfaces
            except-interface=lo
            listen-address={LabAddresses.NameServer}
            local-ttl=60
            # 'address=/#/' without an address: NXDOMAIN for every name that is not given below.
            address=/#/
            host-record={LabAddresses.ServerName},{LabAddresses.Server}
            host-record=www.contoso.com,{LabAddresses.Server}
            host-record=ns.contoso.com,{LabAddresses.NameServer}
            host-record=unreachable.contoso.com,{LabAddresses.Unreachable}
            cname=files.contoso.com,{LabAddresses.ServerName}

            """,
            cancellation);
        LabProcess process = network.Outside.Start("dnsmasq", new LabCommand("dnsmasq", $"--conf-file={configuration}"));
        await ServerPort.WaitAsync(network.Outside, process, 53, cancellation);
        return process;
    }
}
