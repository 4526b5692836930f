using System.Diagnostics;
using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// Behind <see cref="AsyncQueue{T}.PutAsync"/>: holds the item until it is put, which is when the coroutine is awaited and
/// not when it is made. Used again; the version tells a coroutine whether it is still its own.
/// </summary>
internal sealed class QueuePut<T> : Suspension
{
    private AsyncQueue<T> _queue = null!;
    private T _item = default!;
    private AsyncioTask? _waiter;
    private CoroutineOrigin? _origin; // an item that nobody puts is lost

    // The coroutine may be made on another thread than the loop's, where there is nothing to take it from.
    public static Coroutine Of(AsyncQueue<T> queue, T item)
    {
        var put = BoxPools.Rent<QueuePut<T>>() ?? new QueuePut<T>();
        put._queue = queue;
        put._item = item;
        if (CoroutineOrigin.Tracked)
            put._origin = CoroutineOrigin.Here(typeof(AsyncQueue<T>), nameof(AsyncQueue<T>.PutAsync));
        return new Coroutine(put, put.Version);
    }

    // Another task that awaits it meanwhile does not wait either: it is told so.
    internal override bool IsReady(long token) => Version != token || _waiter is not null || _queue.CanPut;

    [StackTraceHidden]
    internal override void End(long token)
    {
        if (Delivery.TryTake(out _))
            return;
        if (Version != token || (_waiter is not null && !ReferenceEquals(_waiter, _waiter.Loop.CurrentTask)))
            throw Misused();
        var (queue, item) = (_queue, _item);
        Recycle();
        queue.PutNoWait(item);
    }

    internal override void Discard(long token)
    {
        if (Version == token && _waiter is null)
            Recycle();
    }

    internal override bool MayGoOn(AsyncioTask task)
    {
        // Being woken promises nothing: the room may have been taken without waiting meanwhile.
        if (_queue.CanPut)
            return true;
        _queue.Putters.Join(task);
        return false;
    }

    protected override void OnParked(AsyncioTask task, long argument)
    {
        _origin?.Awaited();
        _queue.Getters.Bind(task.Loop); // who puts wakes who gets, on the same thread
        _queue.Putters.Join(task);
        _waiter = task;
    }

    protected override void OnCanceled(AsyncioTask task)
    {
        _queue.Putters.Leave(task);
        Recycle();
    }

    protected override void OnForfeited(AsyncioTask task)
    {
        var queue = _queue;
        Recycle();
        if (!queue.IsFull)
            queue.WakePutter();
    }

    protected override string DescribeWait(AsyncioTask task) => _queue is null ? "room in a queue" : $"room in {_queue}"; // null once it is cancelled

    private void Recycle()
    {
        Version++;
        _queue = null!;
        _waiter = null;
        _origin?.Awaited();
        _origin = null;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            _item = default!;
        if (EventLoop.RunningOrNull is { } loop)
            BoxPools.Return(loop, this);
    }
}
