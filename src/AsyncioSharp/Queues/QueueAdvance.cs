using System.Diagnostics.CodeAnalysis;

namespace AsyncioSharp.CompilerServices;

/// <summary>Behind <see cref="AsyncQueueEnumerator{T}.MoveNextAsync"/>.</summary>
internal sealed class QueueAdvance<T>(AsyncQueue<T> queue) : QueueGetting<T, bool>(queue)
{
    private T? _current;

    [MaybeNull]
    public T Current => _current;

    protected internal override bool Pass(int argument) => Queue.TryGet(out _current);
}
