using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// An await of something of ours in .NET's own asynchronous code: in an <c>async Task</c> method or an
/// <c>async IAsyncEnumerable</c> body that runs on a loop's thread. It is known to the task on whose behalf that code runs, which
/// is the current one whenever it goes on.
/// </summary>
internal sealed class ForeignCall : Runnable
{
    private readonly Future _awaited;
    private readonly AsyncioTask? _owner;
    private readonly Action _continuation;
    private readonly bool _handOver;

    private ForeignCall(Future awaited, Action continuation, bool handOver)
    {
        _awaited = awaited;
        _continuation = continuation;
        _handOver = handOver;
        // Not the current task: code that has nothing to do with it may run inside its step, where it completes something
        // that this code waits for.
        _owner = (SynchronizationContext.Current as TaskSynchronizationContext)?.Task;
        _owner?.AddForeignCall(awaited);
    }

    /// <summary>Starts a coroutine at once, in a task of its own.</summary>
    public static void Begin(Coroutine coroutine, Action continuation)
    {
        var box = coroutine.Source as CoroutineBox;
        if (EventLoop.RunningOrNull is not { } loop)
        {
            Refuse(box, continuation);
            return;
        }
        // The awaiter takes the outcome from the box itself; where there is none, it is handed over.
        var task = loop.StartBorrowed(box ?? (CoroutineBox)Run(coroutine).Source!);
        var call = new ForeignCall(task, continuation, handOver: box is null);
        task.AddCallback(call);

        static async Coroutine Run(Coroutine coroutine) => await coroutine;
    }

    /// <summary>Waits for a future; its awaiter has made sure that its loop runs here.</summary>
    public static void Await(Future future, Action continuation) =>
        future.AddCallback(new ForeignCall(future, continuation, handOver: false));

    internal override void Run()
    {
        _owner?.RemoveForeignCall(_awaited);
        if (_awaited is AsyncioTask { HasBorrowedRoot: true })
            _awaited.MarkRetrieved(); // the continuation takes it from the box
        if (_handOver && !_awaited.IsCompletedSuccessfully)
            Delivery.Set(_awaited.IsCanceled ? _awaited.MakeCanceledException() : _awaited.Exception!);
        ForeignSegment.Run(_awaited.Loop, _owner, static continuation => ((Action)continuation!)(), _continuation);
        Delivery.Clear();
    }

    // Thrown from here the exception would end the process, as .NET takes it for a failure of its own machinery. So the
    // await has to end with it.
    private static void Refuse(CoroutineBox? box, Action continuation)
    {
        var mistake = new InvalidOperationException(
            "On this thread no event loop runs that could run a coroutine. The code was probably moved to the thread pool by " +
            "ConfigureAwait(false) or Task.Run; use Asyncio.RunCoroutineThreadsafe there.");
        if (box is not null)
        {
            box.Origin?.Awaited();
            box.Fail(mistake);
        }
        else
        {
            Delivery.Set(mistake);
        }
        continuation();
        Delivery.Clear();
    }
}
