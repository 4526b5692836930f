using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// A call of an <c>async Coroutine</c> method: one frame of a task's await stack. Boxes are reused; the version tells a
/// <see cref="Coroutine"/> whether the box is still its own.
/// </summary>
internal abstract class CoroutineBox : CoroutineSource
{
    /// <summary>
    /// How many frames run inside each other on the thread's stack before the next one goes through the task's step loop.
    /// Running a child inside its parent is the faster way; the bound keeps await chains of any depth off the stack.
    /// </summary>
    private protected const int MaxInlineDepth = 8;

    // One field for three times of its life, as every waiting frame has it: before the start nothing, or in debug mode a
    // CoroutineOrigin; from the start on the loop; after a failure the exception, after a cancellation its message.
    // A box that is reused still has its loop, which is seldom another one next time.
    private object? _loopOrOutcome;

    /// <summary>The frame that awaits this one, as soon as either of them suspended.</summary>
    internal CoroutineBox? Parent;

    /// <summary>How many frames below it run on the thread's stack.</summary>
    internal byte Depth;

    /// <summary>
    /// Whether it is known that neither it nor, once it has begun, a frame above it can notice that it is cancelled: of the
    /// frames of a task that is cancelled none but the innermost need be looked at.
    /// </summary>
    internal bool CannotNotice;

    /// <summary>Set when what the frame awaited has ended before it could return to its caller.</summary>
    internal bool ResumeAtOnce;

    /// <summary>Whether the method ran for the first time in it.</summary>
    internal bool IsFirst;

    internal CoroutineBox() { }

    /// <summary>The loop that runs it; only while it runs or waits.</summary>
    internal EventLoop Loop => Unsafe.As<EventLoop>(_loopOrOutcome!);

    /// <summary>After a failure the exception, after a cancellation its message or null.</summary>
    internal object? Outcome => _loopOrOutcome;

    /// <summary>In debug mode, where it was made; only before it runs.</summary>
    internal CoroutineOrigin? Origin
    {
        get => _loopOrOutcome as CoroutineOrigin;
        set => _loopOrOutcome = value;
    }

    /// <summary>
    /// Whether the method can catch, clean up, or otherwise notice that it is cancelled. Where it cannot, it is completed
    /// as cancelled without being resumed.
    /// </summary>
    internal abstract bool HasHandlers { get; }

    /// <summary>The type that the compiler made of the method; its name tells the method's.</summary>
    internal abstract Type StateMachineType { get; }

    /// <summary>The result, after success.</summary>
    internal abstract object? BoxedResult { get; }

    /// <summary>A copy of the method's state, for call graphs. Null of an empty box where the compiler has made the state an
    /// object, as it does for debugging: who comes from another thread may find one.</summary>
    internal abstract IAsyncStateMachine? StateMachineCopy { get; }

    /// <summary>Runs the method until it suspends or ends.</summary>
    internal abstract void Resume();

    /// <summary>Empties the box and gives it back.</summary>
    internal abstract void Recycle();

    /// <summary>
    /// <see cref="Recycle"/> for a frame that is unwound while it waits: where the pool has no room it is left to the
    /// collector as it is.
    /// </summary>
    /// <returns>Whether there was room.</returns>
    internal abstract bool RecycleWaiting();

    // It was awaited before, and the end of this await says so.
    internal sealed override bool IsReady(long token) => true;

    internal sealed override void Discard(long token)
    {
        if (!CanBegin(token))
            return;
        Origin?.Awaited();
        Recycle();
    }

    [StackTraceHidden]
    internal sealed override void End(long token)
    {
        if (Version != token || Status < CoroutineStatus.Succeeded)
            throw CanBegin(token) ? NotAwaited() : Misused();
        if (Status == CoroutineStatus.Succeeded)
            Recycle();
        else
            Throw();
    }

    internal void Fail(Exception exception)
    {
        _loopOrOutcome = exception;
        Status = exception is CanceledException ? CoroutineStatus.Canceled : CoroutineStatus.Faulted;
    }

    [DoesNotReturn, StackTraceHidden]
    internal void Throw()
    {
        var exception = TakeException();
        Recycle();
        ExceptionDispatchInfo.Throw(exception);
    }

    /// <summary>What a frame that failed or was cancelled ended with. A silent cancellation gets its exception here.</summary>
    internal Exception TakeException() => _loopOrOutcome as Exception ?? new CanceledException(_loopOrOutcome as string);

    /// <summary>Ends it as cancelled, without running it.</summary>
    /// <param name="reason">A message, an exception, or null.</param>
    internal void EndCanceled(object? reason)
    {
        _loopOrOutcome = reason;
        Status = CoroutineStatus.Canceled;
    }

    /// <summary>From now on the loop runs it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void BeginOn(EventLoop loop)
    {
        if (!ReferenceEquals(_loopOrOutcome, loop))
            MoveTo(loop);
    }

    /// <summary>The loop that has run it, to whose pools it goes back; null, and it is forgotten, where that is not known any more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal EventLoop? LoopForReturn()
    {
        if (Status is CoroutineStatus.Succeeded or CoroutineStatus.Started)
            return Loop;
        _loopOrOutcome = null;
        return EventLoop.RunningOrNull;
    }

    /// <summary>A method is to run that awaits foreign code, or may do so.</summary>
    /// <returns>What <see cref="LeaveForeign"/> is given when it has run.</returns>
    internal SynchronizationContext? EnterForeign(ref CoroutineTraits traits)
    {
        var outside = SynchronizationContext.Current;
        // To read the traits takes as long as all else that a small program does at its start. So most methods that run once,
        // such as its main one, are not looked at.
        if ((traits & CoroutineTraits.HasRun) == 0)
        {
            traits |= CoroutineTraits.HasRun;
            IsFirst = true;
        }
        else if ((traits & CoroutineTraits.Known) == 0)
        {
            traits |= StateMachineTraits.Of(StateMachineType);
            if ((traits & CoroutineTraits.AwaitsNothingForeign) != 0)
                return outside;
        }
        // .NET's async methods capture the synchronization context when they first wait. A task's own context lets what they
        // wait for afterwards be known as this task's, so that its cancellation finds it.
        var own = Loop.CurrentTask!.SynchronizationContext;
        if (!ReferenceEquals(outside, own))
            SynchronizationContext.SetSynchronizationContext(own);
        return outside;
    }

    internal static void LeaveForeign(SynchronizationContext? outside)
    {
        if (!ReferenceEquals(SynchronizationContext.Current, outside))
            SynchronizationContext.SetSynchronizationContext(outside);
    }

    private void MoveTo(EventLoop loop)
    {
        Origin?.Awaited();
        _loopOrOutcome = loop;
    }
}
