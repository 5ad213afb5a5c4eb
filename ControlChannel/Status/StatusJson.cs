using System.Text.Json.Serialization;

namespace FwRedirect.ControlChannel.Status;

/// <summary>The JSON of the status endpoints: camelCase names, absent values left out. Generated, so that the services stay free of reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServiceStatus))]
[JsonSerializable(typeof(IEnumerable<FlowStatus>))]
[JsonSerializable(typeof(List<FlowStatus>))]
[JsonSerializable(typeof(FlowStatus))]
[JsonSerializable(typeof(StatusError))]
internal sealed partial class StatusJson : JsonSerializerContext;
