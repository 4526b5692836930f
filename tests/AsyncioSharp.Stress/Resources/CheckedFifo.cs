namespace AsyncioSharp.Stress.Resources;

/// <summary>A queue in the order of arrival.</summary>
internal sealed class CheckedFifo(int maxSize) : CheckedQueue(new AsyncQueue<int>(maxSize))
{
    protected override int IndexOfNext(List<int> items) => 0;
}
