namespace AsyncioSharp.CompilerServices;

/// <summary>Behind <see cref="AsyncQueue{T}.GetAsync"/>.</summary>
internal sealed class QueueGet<T>(AsyncQueue<T> queue) : QueueGetting<T, T>(queue)
{
    protected internal override T Pass(int argument) => Queue.GetNoWait();
}
