using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>nginx: static files, and uploads by PUT below /upload/.</summary>
public static class WebServer
{
    public const string IndexText = "This page crossed the firewall.\n";

    public static async Task<LabProcess> StartAsync(LabNetwork network, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Path.Combine(network.Folder, "web")).FullName;
        string root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName;
        // The workers run as nobody.
        const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
        foreach (string name in new[] { "root/upload", "body", "other" })
            File.SetUnixFileMode(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, Everybody);
        await File.WriteAllTextAsync(Path.Combine(root, "index.html"), IndexText, cancellation);

        string configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(folder, network.IPv6 != LabIPv6.None), cancellation);
        LabProcess process = network.Outside.Start("nginx", new LabCommand("nginx", "-c", configuration, "-e", "stderr", "-p", folder));
        await ServerPort.WaitAsync(network.Outside, process, 80, cancellation);
        return process;
    }

    private static string Configuration(string folder, bool v6) =>
        $$"""
        daemon off;
        user nobody nogroup;
        worker_processes 2;
        pid {{folder}}/nginx.pid;
        error_log stderr;
        events { worker_connections 4096; }
        http {
          access_log off;
          sendfile on;
          client_max_body_size 0;
          client_body_temp_path {{folder}}/body;
          proxy_temp_path {{folder}}/other;
          fastcgi_temp_path {{folder}}/other;
          uwsgi_temp_path {{folder}}/other;
          scgi_temp_path {{folder}}/other;
          server {
            listen {{LabAddresses.Server}}:80;
            {{(v6 ? $"listen [{LabAddresses.ServerV6}]:80;" : "")}}
            root {{folder}}/root;
            location /upload/ { dav_methods PUT DELETE; }
            location = /address { default_type text/plain; return 200 "$remote_addr:$remote_port\n"; }
          }
        }

        """;
}
