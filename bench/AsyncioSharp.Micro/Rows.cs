namespace AsyncioSharp.Micro;

/// <summary>The rows of one runtime, by name.</summary>
internal abstract class Rows : IDisposable
{
    private const string Bytes = "_bytes";

    public abstract string Name { get; }

    /// <summary>A row: of its own; or an operation, timed; or NAME_bytes, what the operation NAME allocates.</summary>
    public Row? Find(string bench)
    {
        if (RowOf(bench) is { } row)
            return row;
        if (BodyOf(bench) is { } timed)
            return new Row(count => Measuring.Seconds(timed, count) / count * 1e9, "ns");
        if (bench.EndsWith(Bytes, StringComparison.Ordinal) && BodyOf(bench[..^Bytes.Length]) is { } counted)
            return new Row(count => Measuring.Allocated(counted, count) / count, "B");
        return null;
    }

    /// <summary>What runs an operation so many times.</summary>
    public abstract Action<int>? BodyOf(string bench);

    public abstract void Dispose();

    /// <summary>The rows that measure a part of what they do.</summary>
    protected abstract Row? RowOf(string bench);
}
