namespace AsyncioSharp.Stress.Resources;

/// <summary>A queue that gives the newest item first.</summary>
internal sealed class CheckedLifo(int maxSize) : CheckedQueue(new AsyncLifoQueue<int>(maxSize))
{
    protected override int IndexOfNext(List<int> items) => items.Count - 1;
}
