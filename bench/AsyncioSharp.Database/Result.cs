namespace AsyncioSharp.Database;

/// <summary>What one side has measured.</summary>
internal sealed record Result(double Rate, double Median, double P99, double ProcessorTime, double Allocated)
{
    public override string ToString() => string.Join(' ', Rate, Median, P99, ProcessorTime, Allocated);

    public static Result Parse(string line)
    {
        var numbers = line.Split(' ').Select(double.Parse).ToArray();
        return new Result(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    /// <summary>The best of each figure.</summary>
    public static Result Best(IReadOnlyCollection<Result> results) => new(
        results.Max(result => result.Rate), results.Min(result => result.Median), results.Min(result => result.P99),
        results.Min(result => result.ProcessorTime), results.Min(result => result.Allocated));

    public string ToRow() => $"{Rate:F0} | {Median:F1} | {P99:F1} | {ProcessorTime:F1} | {Allocated:F0}";
}
