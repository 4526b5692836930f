namespace AsyncioSharp.LowLevel;

public abstract partial class EventLoop
{
    // Far in the past, and far from an overflow of what is computed with it.
    private const long EarliestDeadline = long.MinValue / 2;

    private HandleBlock? _handles;
    private int _handlesUsed = HandleBlock.Size;

    /// <summary>
    /// Has a callback called in the next iteration (<c>loop.call_soon()</c>): once, in the order in which they were
    /// scheduled.
    /// </summary>
    /// <param name="callback">The callback.</param>
    /// <param name="context">The execution context in which it runs; by default the current one.</param>
    /// <returns>With which it can be cancelled.</returns>
    /// <exception cref="ObjectDisposedException">The loop is closed.</exception>
    public Handle CallSoon(Action callback, ExecutionContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        CheckSchedule();
        context = ContextToKeep(context);
        if (context is not null)
            return Enqueue(CallbackNode<Action>.Rent(CallbackNode.InvokeAction, callback, context));
        var position = Ready.Tail;
        Ready.Enqueue(callback);
        return new Handle(NextHandle(callback, out var index), index, position);
    }

    /// <inheritdoc cref="CallSoon(Action, ExecutionContext?)"/>
    /// <typeparam name="TState">The state's type.</typeparam>
    /// <param name="callback">The callback.</param>
    /// <param name="state">What it is called with; it spares a closure.</param>
    /// <param name="context">The execution context in which it runs; by default the current one.</param>
    public Handle CallSoon<TState>(Action<TState> callback, TState state, ExecutionContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        CheckSchedule();
        return Enqueue(CallbackNode<TState>.Rent(callback, state, ContextToKeep(context)));
    }

    /// <summary>Has a callback called after a time (<c>loop.call_later()</c>).</summary>
    /// <param name="delay">How long to wait; a negative delay counts as none.</param>
    /// <param name="callback">The callback.</param>
    /// <param name="context">The execution context in which it runs; by default the current one.</param>
    /// <returns>With which it can be cancelled.</returns>
    /// <exception cref="ObjectDisposedException">The loop is closed.</exception>
    public TimerHandle CallLater(TimeSpan delay, Action callback, ExecutionContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return CallLater(delay, CallbackNode.InvokeAction, callback, context);
    }

    /// <inheritdoc cref="CallLater(TimeSpan, Action, ExecutionContext?)"/>
    /// <typeparam name="TState">The state's type.</typeparam>
    /// <param name="delay">How long to wait; a negative delay counts as none.</param>
    /// <param name="callback">The callback.</param>
    /// <param name="state">What it is called with; it spares a closure.</param>
    /// <param name="context">The execution context in which it runs; by default the current one.</param>
    public TimerHandle CallLater<TState>(TimeSpan delay, Action<TState> callback, TState state, ExecutionContext? context = null) =>
        CallAt(TimeSpan.FromTicks(Deadline(delay)), callback, state, context);

    /// <summary>Has a callback called at a time on the clock of <see cref="Time"/> (<c>loop.call_at()</c>).</summary>
    /// <param name="when">The deadline.</param>
    /// <param name="callback">The callback.</param>
    /// <param name="context">The execution context in which it runs; by default the current one.</param>
    /// <returns>With which it can be cancelled.</returns>
    /// <exception cref="ObjectDisposedException">The loop is closed.</exception>
    public TimerHandle CallAt(TimeSpan when, Action callback, ExecutionContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return CallAt(when, CallbackNode.InvokeAction, callback, context);
    }

    /// <inheritdoc cref="CallAt(TimeSpan, Action, ExecutionContext?)"/>
    /// <typeparam name="TState">The state's type.</typeparam>
    /// <param name="when">The deadline.</param>
    /// <param name="callback">The callback.</param>
    /// <param name="state">What it is called with; it spares a closure.</param>
    /// <param name="context">The execution context in which it runs; by default the current one.</param>
    public TimerHandle CallAt<TState>(TimeSpan when, Action<TState> callback, TState state, ExecutionContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        CheckSchedule();
        var node = CallbackNode<TState>.Rent(callback, state, ContextToKeep(context));
        Timers.Add(node, Math.Max(when.Ticks, EarliestDeadline));
        return new TimerHandle(new Handle(NextHandle(node, out var index), index, node), when);
    }

    /// <summary>
    /// Has a callback called soon, from any thread (<c>loop.call_soon_threadsafe()</c>), and wakes the loop if it waits.
    /// </summary>
    /// <param name="callback">The callback.</param>
    /// <param name="context">The execution context in which it runs; by default the current one.</param>
    /// <param name="otherwise">Called instead if the loop is closed before the callback had its turn: on whatever thread closes it, or on
    /// this one, in that thread's execution context. Without it only the handle tells, by saying that the callback was cancelled.</param>
    /// <returns>With which it can be cancelled, on any thread.</returns>
    /// <exception cref="ObjectDisposedException">The loop is closed. Neither of the two is called.</exception>
    public Handle CallSoonThreadsafe(Action callback, ExecutionContext? context = null, Action? otherwise = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (otherwise is not null)
        {
            return CallSoonThreadsafe(
                static actions => actions.Callback(), (Callback: callback, Otherwise: otherwise), context, static actions => actions.Otherwise());
        }
        CheckOpen();
        return Post(new ThreadsafeCallback(callback, ContextToKeep(context)));
    }

    /// <inheritdoc cref="CallSoonThreadsafe(Action, ExecutionContext?, Action?)"/>
    /// <typeparam name="TState">The state's type.</typeparam>
    /// <param name="callback">The callback.</param>
    /// <param name="state">What it is called with; it spares a closure.</param>
    /// <param name="context">The execution context in which it runs; by default the current one.</param>
    /// <param name="otherwise">Called instead, with the same state, if the loop is closed before the callback had its turn: on whatever
    /// thread closes it, or on this one.</param>
    public Handle CallSoonThreadsafe<TState>(
        Action<TState> callback, TState state, ExecutionContext? context = null, Action<TState>? otherwise = null)
    {
        ArgumentNullException.ThrowIfNull(callback);
        CheckOpen();
        return Post(new ThreadsafeCallback<TState>(this, callback, state, ContextToKeep(context), otherwise));
    }

    /// <summary>
    /// The context, or the current one, if it has to be entered for a callback; null if it is the loop's own.
    /// </summary>
    internal ExecutionContext? ContextToKeep(ExecutionContext? context) =>
        context is null && IsOnThread && !_threadContext.HasChanged ? null : OtherThanOwn(context ?? ExecutionContext.Capture());

    /// <summary>The context if it has to be entered for a callback; null if it is the loop's own. For any thread.</summary>
    internal ExecutionContext? OtherThanOwn(ExecutionContext? context) => ReferenceEquals(context, Context) ? null : context;

    /// <summary>The deadline of a delay from now, without overflow for the longest ones.</summary>
    internal long Deadline(TimeSpan delay)
    {
        // A time in the past stays one: of two such deadlines the earlier comes first.
        var now = Now;
        return delay.Ticks > long.MaxValue - now ? long.MaxValue : Math.Max(now + delay.Ticks, EarliestDeadline);
    }

    /// <summary>Hands an item to the loop from any thread; if the loop is closed, drops it.</summary>
    internal void PostOrDrop(InboxItem item)
    {
        if (IsClosed)
            item.Dropped();
        else
            PostThreadsafe(item);
    }

    /// <summary>Hands an item to the loop from any thread, and wakes the loop if it waits.</summary>
    internal void PostThreadsafe(InboxItem item)
    {
        if (IsOnThread)
        {
            // In its place behind what was scheduled here before, and behind what other threads have handed in.
            _inbox.MoveTo(ref Ready);
            Ready.Enqueue(item);
            return;
        }
        if (_inbox.Add(item))
            WakeUp();
        // The loop may have closed in between; whoever sees that first drops what is left.
        if (IsClosed)
            _inbox.DropAll();
    }

    private Handle Post(ThreadsafeItem item)
    {
        if (_debug && Origins is { } origins)
            item.Origin = origins.Note(item);
        PostThreadsafe(item);
        return new Handle(item);
    }

    private Handle Enqueue(CallbackNode node)
    {
        Ready.Enqueue(node);
        return new Handle(NextHandle(node, out var index), index, node);
    }

    private void CheckSchedule()
    {
        if (_thread is null)
            CheckIdle();
        CheckThread();
    }

    // What was posted before the loop runs keeps its place before what is scheduled now.
    private void CheckIdle()
    {
        CheckOpen();
        if (!_inbox.IsEmpty)
            _inbox.MoveTo(ref Ready);
    }

    private HandleBlock NextHandle(object item, out int index)
    {
        if (_handlesUsed == HandleBlock.Size)
        {
            _handles = new HandleBlock(this);
            _handlesUsed = 0;
        }
        index = _handlesUsed++;
        if (_debug)
            NoteOrigin(item, _handles!, index);
        return _handles!;
    }

    private void NoteOrigin(object item, HandleBlock block, int index) => block.SetOrigin(index, Origins!.Note(item));
}
