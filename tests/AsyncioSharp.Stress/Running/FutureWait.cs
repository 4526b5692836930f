namespace AsyncioSharp.Stress.Running;

/// <summary>A wait for futures, of which so many must be pending.</summary>
internal sealed class FutureWait(string what, IReadOnlyList<Future> futures, int pending = 1) : Wait
{
    public FutureWait(Future future)
        : this("a task", [future]) { }

    public override bool IsJustified => futures.Count(future => !future.IsCompleted) >= pending;

    public override string ToString() => $"{what} ({string.Join(", ", futures)})";
}
