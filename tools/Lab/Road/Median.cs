namespace FwRedirect.Lab.Road;

/// <summary>The middle of a handful of figures.</summary>
internal static class Median
{
    public static double Of(IReadOnlyCollection<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
