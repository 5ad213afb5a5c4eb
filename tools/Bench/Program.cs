using BenchmarkDotNet.Running;
using FwRedirect.Bench;

// Usage: dotnet run -c Release --project tools/Bench -- --filter '*' [--job short]
// One group alone: --filter '*TranslateBenchmarks*'. Without arguments it asks which.
BenchmarkSwitcher.FromAssembly(typeof(ChecksumBenchmarks).Assembly).Run(args);
