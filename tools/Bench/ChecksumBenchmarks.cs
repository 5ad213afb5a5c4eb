using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using FwRedirect.Redirector.Packets;

namespace FwRedirect.Bench;

/// <summary>The full sum beside the loop that RFC 1071 shows; bytes per second are Length / Mean.</summary>
public class ChecksumBenchmarks
{
    private byte[] _data = [];

    [Params(64, 1480, 65_000)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _data = new byte[Length];
        new Random(1).NextBytes(_data);
        if (Scalar() != BinaryPrimitives.ReverseEndianness(Vectorised()))
            throw new InvalidOperationException("the two sums differ");
    }

    [Benchmark(Baseline = true)]
    public ushort Scalar()
    {
        uint sum = 0;
        for (var i = 0; i + 1 < _data.Length; i += 2)
            sum += (uint)((_data[i] << 8) | _data[i + 1]);
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)sum;
    }

    [Benchmark]
    public ushort Vectorised() => InternetChecksum.Fold(InternetChecksum.Sum(_data));
}
