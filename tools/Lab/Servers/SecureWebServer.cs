using FwRedirect.Lab.Execution;
using FwRedirect.Lab.Network;

namespace FwRedirect.Lab.Servers;

/// <summary>
/// A second nginx, with an access log: HTTP/2 over TLS on 443 and plain HTTP on 8080, both the same. Below /git/ the repositories of <see cref="GitServer"/>, below /slow/ all comes in drops,
/// /events is a stream of server-sent events, /socket the broker of
/// <see cref="MessageServer"/> in a web socket.
/// </summary>
public static class SecureWebServer
{
    public const int PlainPort = 8080;

    /// <summary>Bytes of a second below /slow/.</summary>
    public const int SlowRate = 20_000;

    public const int Events = 12;

    public static string Root(LabNetwork network) => Path.Combine(Folder(network), "root");

    /// <summary>A line a request: address, protocol, status, bytes, the request's own line.</summary>
    public static string AccessLog(LabNetwork network) => Path.Combine(Folder(network), "access.log");

    public static async Task<LabProcess> StartAsync(LabNetwork network, LabCertificates certificates, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Folder(network)).FullName;
        // The workers run as nobody.
        const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
        foreach (string name in new[] { "root", "root/upload", "root/slow", "body", "other" })
            File.SetUnixFileMode(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, Everybody);
        await File.WriteAllTextAsync(Path.Combine(Root(network), "index.html"), WebServer.IndexText, cancellation);
        await File.WriteAllTextAsync(Path.Combine(Root(network), "events"), string.Concat(Enumerable.Range(1, Events).Select(i => $"data: event {i}\n\n")), cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), Configuration(folder, GitServer.Folder(network), certificates), cancellation);
        LabCommand command = new LabCommand("nginx", "-c", Path.Combine(folder, "nginx.conf"), "-e", "stderr", "-p", folder);
        LabProcess process = network.Outside.Start("nginx-secure", command);
        await ServerPort.WaitAsync(network.Outside, process, 443, cancellation);
        return process;
    }

    /// <summary>fcgiwrap, which runs git's own program for repositories over HTTP.</summary>
    public static async Task<LabProcess> StartGatewayAsync(LabNetwork network, CancellationToken cancellation)
    {
        string folder = Directory.CreateDirectory(Folder(network)).FullName;
        string socket = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "gateway")).FullName, "socket");
        (await new LabCommand("chown", "nobody", Path.GetDirectoryName(socket)!).RunAsync(cancellation)).OrThrow();
        LabProcess process = network.Outside.Start("fcgiwrap", new LabCommand("fcgiwrap", "-f", "-s", $"unix:{socket}").AsNobody());
        while (!File.Exists(socket) && !process.HasExited)
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellation);
        return process;
    }

    private static string Folder(LabNetwork network) => Path.Combine(network.Folder, "secure-web");

    private static string Configuration(string folder, string repositories, LabCertificates certificates) =>
        $$"""
        daemon off;
        user nobody nogroup;
        worker_processes 2;
        pid {{folder}}/nginx.pid;
        error_log stderr;
        events { worker_connections 8192; }
        http {
          log_format lab '$remote_addr $server_protocol $status $body_bytes_sent $request';
          access_log {{folder}}/access.log lab;
          sendfile on;
          client_max_body_size 0;
          client_body_temp_path {{folder}}/body;
          proxy_temp_path {{folder}}/other;
          fastcgi_temp_path {{folder}}/other;
          uwsgi_temp_path {{folder}}/other;
          scgi_temp_path {{folder}}/other;
          types { text/html html; text/css css; application/javascript js; image/svg+xml svg; }
          server {
            listen {{LabAddresses.Server}}:443 ssl http2;
            listen {{LabAddresses.Server}}:{{PlainPort}};
            ssl_certificate {{certificates.Certificate}};
            ssl_certificate_key {{certificates.Key}};
            root {{folder}}/root;
            location /upload/ { dav_methods PUT; }
            location /slow/ { limit_rate {{SlowRate}}; }
            location = /events { default_type text/event-stream; limit_rate 200; }
            location = /socket {
              proxy_pass http://{{LabAddresses.Server}}:{{MessageServer.WebSocketPort}};
              proxy_http_version 1.1;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection upgrade;
            }
            location = /address { default_type text/plain; return 200 "$remote_addr $server_protocol\n"; }
            location ~ ^/git(/.*) {
              include /etc/nginx/fastcgi_params;
              fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
              fastcgi_param GIT_PROJECT_ROOT {{repositories}};
              fastcgi_param GIT_HTTP_EXPORT_ALL "";
              fastcgi_param PATH_INFO $1;
              fastcgi_param REMOTE_USER lab;
              fastcgi_pass unix:{{folder}}/gateway/socket;
            }
          }
        }

        """;
}
