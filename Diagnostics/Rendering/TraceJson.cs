using System.Text.Json.Serialization;

namespace FwRedirect.Diagnostics.Rendering;

/// <summary>The JSON form of a trace: camelCase names, one object a line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TracePacket))]
[JsonSerializable(typeof(TraceSummary))]
internal sealed partial class TraceJson : JsonSerializerContext;
