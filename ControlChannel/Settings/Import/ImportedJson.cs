using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FwRedirect.ControlChannel.Settings.Import;

/// <summary>What was taken over, as part of a configuration file.</summary>
internal static class ImportedJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="ofClient">With the firewall's name, which only a client's file has.</param>
    public static string Write(SettingsImport import, bool ofClient)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            if (ofClient && import.Firewall is { } firewall)
                json.WriteString("Firewall", firewall);
            WriteList(json, "LocalAddresses", [.. import.LocalAddresses.Select(n => n.PrefixLength == 32 ? $"{n.BaseAddress}" : $"{n}")]);
            WriteList(json, "LocalDomains", import.LocalDomains);
            WriteApplications(json, import.Applications);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static void WriteList(Utf8JsonWriter json, string key, IReadOnlyList<string> items)
    {
        if (items.Count == 0)
            return;
        json.WriteStartArray(key);
        foreach (var item in items)
            json.WriteStringValue(item);
        json.WriteEndArray();
    }

    private static void WriteApplications(Utf8JsonWriter json, ApplicationSettings settings)
    {
        if (settings.All.Count == 0)
            return;
        json.WriteStartObject("Applications");
        foreach (var application in settings.All.GroupBy(s => s.Application))
        {
            json.WriteStartObject(application.Key.Text);
            foreach (var setting in application)
            {
                if (setting.Value is SettingValue.Flag flag)
                    json.WriteBoolean(setting.Key.ToString(), flag.IsSet);
                else
                    json.WriteString(setting.Key.ToString(), setting.Value.ToString());
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
