using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>dnsmasq with the zone contoso.com and nobody to ask: what it does not know does not exist.</summary>
public static class DnsServer
{
    /// <summary>Of many.contoso.com: some more than an answer without EDNS holds.</summary>
    public const int ManyAddresses = 40;

    /// <summary>Of big.contoso.com: more than any answer over UDP holds.</summary>
    public const int BigLength = TextLength * Texts;

    private const int TextLength = 200;
    private const int Texts = 12;

    /// <summary>One record each: dnsmasq reads no line of more than 1,024 characters.</summary>
    private static string LongTexts => string.Join('\n', Enumerable.Range(0, Texts).Select(i => $"txt-record=big.contoso.com,{new string((char)('a' + i), TextLength)}"));

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string configuration = Path.Combine(network.Folder, "dnsmasq.conf");
        string manyAddresses = Path.Combine(network.Folder, "many-addresses");
        await File.WriteAllLinesAsync(manyAddresses, Enumerable.Range(1, ManyAddresses).Select(i => $"131.107.1.{i} many.contoso.com"), cancellation);
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
            host-record=mail.contoso.com,{LabAddresses.Server}
            # The first address of it answers nobody, as happens to names with several.
            host-record={LabAddresses.HalfDeadName},{LabAddresses.Unreachable}
            host-record={LabAddresses.HalfDeadName},{LabAddresses.Server}
            host-record={LabAddresses.BothFamiliesName},{LabAddresses.Server},2001:db8::21
            cname=files.contoso.com,{LabAddresses.ServerName}
            cname=download.contoso.com,files.contoso.com
            ptr-record={Reverse(LabAddresses.Unreachable)},printer.contoso.com
            mx-host=contoso.com,mail.contoso.com,10
            srv-host=_ftp._tcp.contoso.com,{LabAddresses.ServerName},21,0,5
            txt-record=contoso.com,"v=spf1 mx -all"
            caa-record=contoso.com,0,issue,ca.contoso.com
            # HTTPS 1 . alpn=h2
            dns-rr=www.contoso.com,65,00010000010003026832
            {LongTexts}
            addn-hosts={manyAddresses}

            """,
            cancellation);
        LabProcess process = network.Outside.Start("dnsmasq", new LabCommand("dnsmasq", $"--conf-file={configuration}"));
        await ServerPort.WaitAsync(network.Outside, process, 53, cancellation);
        return process;
    }

    private static string Reverse(string address) => $"{string.Join('.', address.Split('.').Reverse())}.in-addr.arpa";
}
