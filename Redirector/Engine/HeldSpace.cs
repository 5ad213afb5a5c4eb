namespace FwRedirect.Redirector.Engine;

/// <summary>The room for held datagrams of all peers together.</summary>
internal sealed class HeldSpace
{
    public int Datagrams { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Datagrams dropped because there was none.</summary>
    public long Refused { get; set; }

    public bool Fits(int length) => Datagrams < FlowLimits.HeldDatagramsOfAll && Bytes + length <= FlowLimits.HeldBytesOfAll;

    public void Take(int length)
    {
        Datagrams++;
        Bytes += length;
    }

    public void Give(int length)
    {
        Datagrams--;
        Bytes -= length;
    }
}
