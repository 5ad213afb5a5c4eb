using FwRedirect.ControlChannel.Wire;

namespace FwRedirect.ControlChannel.Messages;

/// <summary>Who asks, for the setup request. What the user is called here is a claim; what counts is the logon that follows.</summary>
/// <param name="User">The account that runs the program.</param>
/// <param name="Computer">The client computer's name.</param>
/// <param name="OperatingSystem">Name and version in plain words, such as "Windows XP" or "Linux 6.1".</param>
/// <param name="Bits">32 or 64: the program's own width.</param>
public sealed record ClientInfo(string User, string Computer, string OperatingSystem, byte Bits)
{
    /// <summary>"x32" or "x64", as the article prints it.</summary>
    public string Platform => $"{OperatingSystem} x{Bits}";

    //  User              string16
    //  Computer          string16
    //  OperatingSystem   string16
    //  Bits              u8        32 | 64
    internal static ClientInfo Read(ref RwsReader reader)
    {
        var user = reader.ReadString("User", RwsLimits.UserName);
        var computer = reader.ReadString("Computer", RwsLimits.ComputerName);
        var operatingSystem = reader.ReadString("OperatingSystem", RwsLimits.OperatingSystem);
        var bits = reader.ReadByte("Bits");
        if (bits is not (32 or 64))
            RwsFormatException.ThrowValue("Bits", bits.ToString(), "32 or 64");
        return new ClientInfo(user, computer, operatingSystem, bits);
    }

    internal void Write(RwsWriter writer)
    {
        writer.WriteString("User", User, RwsLimits.UserName);
        writer.WriteString("Computer", Computer, RwsLimits.ComputerName);
        writer.WriteString("OperatingSystem", OperatingSystem, RwsLimits.OperatingSystem);
        writer.WriteByte(Bits);
    }
}
