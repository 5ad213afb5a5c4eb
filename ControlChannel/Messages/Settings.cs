using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>A client wants the firewall's settings now, and again whenever they change. Its id stays in use for that.</summary>
public sealed record GetSettings : RwsMessage
{
    public override OpCode OpCode => OpCode.GetSettings;

    public override string Describe() => $"RWS:{Id} Get settings from {Application}";

    //  tagged fields
    internal static GetSettings ReadBody(ref RwsReader reader)
    {
        _ = TaggedFields.Read(ref reader);
        return new GetSettings();
    }

    internal override void WriteBody(RwsWriter writer)
    {
    }
}

/// <summary>The firewall's settings as they are.</summary>
public sealed record SettingsReply(SettingsContent Content) : RwsMessage
{
    public override OpCode OpCode => OpCode.Settings;

    public override bool FromFirewall => true;

    public override OpCode? AnswersTo => OpCode.GetSettings;

    public override string Describe() => $"RWS:{Id} Settings to {Application}; {Content.Describe()}";

    internal static SettingsReply ReadBody(ref RwsReader reader) => new(SettingsContent.Read(ref reader));

    internal override void WriteBody(RwsWriter writer) => Content.Write(writer);
}

/// <summary>The firewall's settings have changed: these are in force, and no others.</summary>
public sealed record SettingsChanged(SettingsContent Content) : RwsMessage
{
    public override OpCode OpCode => OpCode.SettingsChanged;

    public override bool FromFirewall => true;

    public override string Describe() => $"RWS:{Id} Settings changed for {Application}; {Content.Describe()}";

    internal static SettingsChanged ReadBody(ref RwsReader reader) => new(SettingsContent.Read(ref reader));

    internal override void WriteBody(RwsWriter writer) => Content.Write(writer);
}
