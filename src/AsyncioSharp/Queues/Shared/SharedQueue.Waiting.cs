using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

// Who waits keeps its place by that, and is granted an item or a place that then nobody else can take. The item itself is taken only by
// whoever goes on. So what is given up is never on its way from one thread to another. While anybody stands in line, there is
// nothing for those who come.
public sealed partial class SharedQueue<T> : ISharedQueue
{
    private readonly SharedSide _getting;
    private readonly SharedSide _putting;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _failure;

    /// <summary>Completes when it was shut down and nothing is left.</summary>
    internal Task Completion => _completion.Task;

    /// <summary>The failure because of which it was shut down; null if there was none.</summary>
    internal Exception? Failure
    {
        get
        {
            lock (_gate)
                return _failure;
        }
    }

    /// <summary>Where those wait who get.</summary>
    internal SharedSide Getting => _getting;

    /// <summary>Where those wait who put.</summary>
    internal SharedSide Putting => _putting;

    private int Available => _items.Count - _getting.Kept;

    private int Room => MaxSize <= 0 ? int.MaxValue : MaxSize - _items.Count - _putting.Kept;

    void ISharedQueue.GiveUp(SharedWaiter waiter) => GiveUp(waiter);

    bool ISharedQueue.TryGiveUp(SharedWaiter waiter)
    {
        lock (_gate)
        {
            if (waiter.State != SharedWaiterState.Queued)
                return false;
            waiter.Side.Leave(waiter);
            return true;
        }
    }

    string ISharedQueue.Describe(SharedSide side) => ReferenceEquals(side, _getting) ? $"an item of {this}" : $"room in {this}";

    /// <summary>Has .NET's asynchronous code wait.</summary>
    internal Task WaitAsync(AsyncCodeWaiter waiter, CancellationToken cancellationToken) =>
        Begin(waiter) ? waiter.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Takes the item that was granted.</summary>
    internal T EndGet(SharedWaiter waiter)
    {
        T item;
        SharedWaiter? woken;
        lock (_gate)
        {
            if (waiter.State == SharedWaiterState.Granted)
                _getting.Kept--;
            waiter.State = SharedWaiterState.None;
            if (!_items.TryDequeue(out item!)) // refused; or all was dropped after it was granted
                throw ShutDown();
            woken = AfterTaking();
        }
        WakeAll(woken);
        return item;
    }

    /// <summary>Puts an item where room was granted.</summary>
    internal void EndPut(SharedWaiter waiter, T item)
    {
        SharedWaiter? woken;
        lock (_gate)
        {
            if (waiter.State == SharedWaiterState.Granted)
                _putting.Kept--;
            waiter.State = SharedWaiterState.None;
            if (IsShutDown)
                throw ShutDown();
            _items.Enqueue(item);
            woken = GrantItem();
        }
        WakeAll(woken);
    }

    /// <summary>A wait is given up: what was kept for it goes to the next.</summary>
    /// <returns>Whether something was kept for it, or would have been.</returns>
    internal bool GiveUp(SharedWaiter waiter)
    {
        var wasGranted = Release(waiter, out var next);
        WakeAll(next);
        return wasGranted;
    }

    /// <summary>Takes no more items.</summary>
    /// <returns>False if it took none before.</returns>
    internal bool TryShutdown(bool immediate, Exception? failure)
    {
        SharedWaiter? putters, getters;
        bool wasOpen;
        lock (_gate)
        {
            wasOpen = !IsShutDown;
            if (wasOpen)
                _failure = failure;
            IsShutDown = true;
            if (immediate)
                _items.Clear();
            putters = _putting.RefuseAll();
            getters = EndIfEmpty();
        }
        WakeAll(putters);
        WakeAll(getters);
        return wasOpen;
    }

    private async Coroutine<SharedWaiter> WaitAsync(SharedSide side)
    {
        var waiter = new LoopWaiter(side, EventLoop.Running);
        try
        {
            if (Begin(waiter))
                await waiter.Turn;
            return waiter;
        }
        catch
        {
            GiveUp(waiter);
            throw;
        }
        finally
        {
            waiter.End();
        }
    }

    private ThreadWaiter Wait(SharedSide side, CancellationToken cancellationToken)
    {
        var waiter = new ThreadWaiter(side);
        try
        {
            if (Begin(waiter))
                waiter.Wait(cancellationToken);
            return waiter;
        }
        catch
        {
            GiveUp(waiter);
            throw;
        }
    }

    /// <summary>Begins to wait.</summary>
    /// <returns>False if there is nothing to wait for: it was granted or refused.</returns>
    private bool Begin(SharedWaiter waiter)
    {
        var side = waiter.Side;
        var gets = ReferenceEquals(side, _getting);
        lock (_gate)
        {
            if (IsShutDown && (!gets || _items.Count == 0))
                waiter.State = SharedWaiterState.Refused;
            else if ((gets ? Available : Room) > 0)
                side.Grant(waiter);
            else
                side.Join(waiter);
            return waiter.State == SharedWaiterState.Queued;
        }
    }

    private SharedWaiter? GrantItem() => Available > 0 ? _getting.GrantFirst() : null;

    private SharedWaiter? GrantRoom() => !IsShutDown && Room > 0 ? _putting.GrantFirst() : null;

    private SharedWaiter? AfterTaking() => IsShutDown ? EndIfEmpty() : GrantRoom();

    // What is kept for somebody may yet be given up, so that others wait for that too.
    private SharedWaiter? EndIfEmpty()
    {
        if (_items.Count > 0)
            return null;
        if (_failure is null)
            _completion.TrySetResult();
        else if (_completion.TrySetException(_failure))
            _ = _completion.Task.Exception; // observed: readers are told of it, and nobody has to await this
        return _getting.RefuseAll();
    }

    private QueueShutDownException ShutDown() => _failure is null
        ? new QueueShutDownException()
        : new QueueShutDownException("The queue was shut down because of a failure.", _failure);

    /// <param name="waiter">Who gives up.</param>
    /// <param name="next">Who is to be woken instead, one behind the other.</param>
    /// <returns>Whether it was granted.</returns>
    private bool Release(SharedWaiter waiter, out SharedWaiter? next)
    {
        lock (_gate)
        {
            var wasGranted = waiter.State == SharedWaiterState.Granted;
            if (waiter.State == SharedWaiterState.Queued)
                waiter.Side.Leave(waiter);
            waiter.State = SharedWaiterState.None;
            var wasKept = wasGranted && !waiter.Looks;
            if (wasKept)
                waiter.Side.Kept--;
            next = !wasKept ? null : ReferenceEquals(waiter.Side, _getting) ? GrantItem() : GrantRoom();
            return wasGranted;
        }
    }

    private void WakeAll(SharedWaiter? first)
    {
        while (first is { } waiter)
        {
            first = waiter.Following; // which is the waiter's own again once it is woken
            waiter.Previous = waiter.Following = null;
            if (waiter.TryWake())
                continue;
            // A loop that closes may leave thousands behind it in line. Who had something kept is the only one to be woken.
            Release(waiter, out var next);
            first ??= next;
        }
    }
}
