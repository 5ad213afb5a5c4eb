namespace FwRedirect.ControlChannel.Status;

/// <summary>What a request that can not be answered gets.</summary>
internal sealed record StatusError(string Error);
