namespace FwRedirect.Lab.Load;

/// <summary>What a UDP socket lived through.</summary>
/// <param name="Sent">Datagrams that the system took.</param>
/// <param name="Answered">Those that came back.</param>
/// <param name="LastAnswer">When the last one came back.</param>
/// <param name="LongestSilence">Milliseconds between two answers, at most.</param>
/// <param name="Errors">What sends and receives failed with, by the error's name.</param>
internal sealed record LoadDatagrams(int Sent, int Answered, DateTimeOffset LastAnswer, double LongestSilence, IReadOnlyDictionary<string, int> Errors);
