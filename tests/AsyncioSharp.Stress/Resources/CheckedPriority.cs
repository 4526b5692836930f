namespace AsyncioSharp.Stress.Resources;

/// <summary>A queue that gives the smallest item first.</summary>
internal sealed class CheckedPriority(int maxSize) : CheckedQueue(new AsyncPriorityQueue<int>(maxSize))
{
    // 5, 14, 3, 12, 1, 10, 7, 16 and so on: neither rising nor falling.
    protected override int ItemFor(int number) => number * 9 % 20 + (number / 20 * 20) + 5;

    protected override int IndexOfNext(List<int> items) => items.IndexOf(items.Min());
}
