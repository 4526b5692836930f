using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// An await of something of ours in .NET's own asynchronous code: in an <c>async Task</c> method or an
/// <c>async IAsyncEnumerable</c> body that runs on a loop's thread. It is known to the task on whose behalf that code runs, which
/// is the current one whenever it goes on.
/// </summary>
internal sealed class ForeignCall : Runnable, IForeignCall
{
    private readonly Future _awaited;
    private readonly TaskSynchronizationContext? _context;
    private readonly Action _continuation;
    private readonly CoroutineBox? _box;
    private readonly bool _handsOver;
    private int _told;
    private bool _isDropped;

    private ForeignCall(Future awaited, Action continuation, CoroutineBox? box = null, bool handsOver = false)
    {
        _awaited = awaited;
        _continuation = continuation;
        _box = box;
        _handsOver = handsOver;
        // Not the current task: code that has nothing to do with it may run inside its step, where it completes something
        // that this code waits for.
        _context = SynchronizationContext.Current as TaskSynchronizationContext;
        _context?.Task?.AddForeignCall(this);
    }

    /// <summary>Starts a coroutine at once, in a task of its own.</summary>
    public static void Begin(Coroutine coroutine, Action continuation)
    {
        if (coroutine.Source?.AsBox is { } box)
            Begin(box, continuation, handOver: false);
        else
            Begin((CoroutineBox)Run(coroutine).Source!, continuation, handOver: true);

        static async Coroutine Run(Coroutine coroutine) => await coroutine;
    }

    /// <inheritdoc cref="Begin(Coroutine, Action)"/>
    public static void Begin<T>(Coroutine<T> coroutine, Action continuation)
    {
        if (coroutine.Source?.AsBox is { } box)
            Begin(box, continuation, handOver: false);
        else
            Begin((CoroutineBox)Run(coroutine).Source!, continuation, handOver: true);

        static async Coroutine<T> Run(Coroutine<T> coroutine) => await coroutine;
    }

    /// <summary>Waits for a future; its awaiter has made sure that its loop runs here.</summary>
    public static void Await(Future future, Action continuation)
    {
        var call = new ForeignCall(future, continuation);
        if (call._context?.Task is null)
            call.HasNoTask();
        future.AddCallback(call);
    }

    Future IForeignCall.Awaited => _awaited;

    TaskSynchronizationContext? IForeignCall.Context => _context;

    internal override Future? OnBehalfOf => _context?.Task;

    void IForeignCall.Tell(int request) => _told = request;

    void IForeignCall.Dropped() => Dropped();

    void IForeignCall.TaskEnded() => HasNoTask();

    internal override void Run()
    {
        var owner = _context?.Task;
        if (owner is { IsCompleted: false })
            owner.RemoveForeignCall(this);
        else
            _awaited.Loop.DoNotTellOfClosing(this);
        if (_awaited is AsyncioTask { HasBorrowedRoot: true })
            _awaited.MarkRetrieved(); // the continuation takes it from the box
        if (_handsOver)
            HandOver(_box!);
        var context = owner is not null && _told > _context!.Told ? owner.ContextTold(_told) : _context;
        ForeignSegment.Run(_awaited.Loop, context, static continuation => ((Action)continuation!)(), _continuation);
        Delivery.Clear();
    }

    /// <summary>The loop has closed before what is awaited had ended, or before this could be told.</summary>
    internal override void Dropped()
    {
        if (_isDropped)
            return; // it stands with its owner and with what it waits for
        _isDropped = true;
        if (_awaited.IsCompleted)
            _awaited.MarkRetrieved(); // the await takes it, though after the loop has reported what nobody has taken
        _awaited.Loop.GoOnElsewhere(_context, static call => ((ForeignCall)call!).GoOnElsewhere(), this);
    }

    // The loop knows the tasks that live, and through them what is awaited of theirs or on their behalf.
    private void HasNoTask()
    {
        if (_awaited is not AsyncioTask)
            _awaited.Loop.TellOfClosing(this);
    }

    private void GoOnElsewhere()
    {
        if (!_awaited.IsCompleted)
            EndByLoop(new ObjectDisposedException(nameof(EventLoop), $"The event loop was closed before {_awaited} had completed."));
        else if (_handsOver)
            HandOver(_box!);
        _continuation();
        Delivery.Clear();
    }

    private void EndByLoop(ObjectDisposedException exception)
    {
        if (_box is null || _handsOver)
            Delivery.Set(exception);
        else
            _box.Fail(exception); // its method never goes on
    }

    // The awaiter takes the outcome from the box itself; where it has none, it is handed over.
    private static void Begin(CoroutineBox box, Action continuation, bool handOver)
    {
        if (EventLoop.RunningOrNull is not { } loop)
        {
            Refuse(box, continuation, handOver);
            return;
        }
        var task = loop.StartBorrowed(box);
        task.AddCallback(new ForeignCall(task, continuation, box, handOver));
    }

    private static void HandOver(CoroutineBox box)
    {
        if (box.Status == CoroutineStatus.Succeeded)
            Delivery.SetResult(box.BoxedResult);
        else
            Delivery.Set(box.TakeException());
    }

    // Thrown from here the exception would end the process, as .NET takes it for a failure of its own machinery. So the
    // await has to end with it.
    private static void Refuse(CoroutineBox box, Action continuation, bool handOver)
    {
        box.Origin?.Awaited();
        box.Fail(SynchronizationContext.Current is TaskSynchronizationContext { IsLoopClosed: true }
            ? new ObjectDisposedException(nameof(EventLoop), "The event loop on which this code ran was closed: it runs no coroutine any more.")
            : new InvalidOperationException(
                "No event loop runs on this thread, so it cannot run a coroutine. Start the program with Asyncio.Run(MainAsync()). " +
                "If a loop runs elsewhere and this code was moved off it by ConfigureAwait(false) or Task.Run, use " +
                "Asyncio.RunCoroutineThreadsafe."));
        if (handOver)
            HandOver(box);
        continuation();
        Delivery.Clear();
    }
}
