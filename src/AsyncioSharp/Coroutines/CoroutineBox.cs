using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
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
    /// How many frames run inside each other on the thread's stack before the next one goes through the task's step
    /// loop. Running a child inside its parent is the faster way; the bound keeps deep await chains off the stack.
    /// </summary>
    protected const int MaxInlineDepth = 24;

    /// <summary>The loop that runs it, once it was started. It stays while the box is pooled: it is seldom another.</summary>
    internal EventLoop Loop = null!;

    /// <summary>The frame that awaits this one, as soon as either of them suspended; in the pool, the next box.</summary>
    internal CoroutineBox? Parent;

    /// <summary>Before the start, in debug mode, where it was made; afterwards an exception or a cancel message.</summary>
    internal object? Outcome;

    /// <summary>How many frames below it run on the thread's stack.</summary>
    internal ushort Depth;

    /// <summary>Set when what the frame awaited has ended before it could return to its caller.</summary>
    internal bool ResumeAtOnce;

    /// <summary>
    /// Whether the method can catch, clean up, or otherwise notice that it is cancelled. Where it cannot, it is completed
    /// as cancelled without being resumed.
    /// </summary>
    internal abstract bool HasHandlers { get; }

    /// <summary>The method's state: -1 before it runs and while it runs, otherwise the await where it stands.</summary>
    internal abstract Type StateMachineType { get; }

    /// <summary>Runs the method until it suspends or ends.</summary>
    internal abstract void Resume();

    /// <summary>Empties the box and gives it back.</summary>
    internal abstract void Recycle();

    internal sealed override void Begin(CoroutineBox parent, long token)
    {
        var loop = parent.Loop;
        if (!ReferenceEquals(Loop, loop))
            Loop = loop;
        if (Outcome is not null)
            CoroutineOrigin.Started(this);
        if (parent.Depth < MaxInlineDepth)
        {
            Depth = (ushort)(parent.Depth + 1);
            Status = CoroutineStatus.Started;
            Resume();
            if (Status >= CoroutineStatus.Succeeded)
            {
                parent.ResumeAtOnce = true;
                return;
            }
            Parent = parent;
        }
        else
        {
            // Created still: by this the step loop knows that it is to be run, not parked.
            Parent = parent;
            loop.CurrentTask!.Frame = this;
        }
    }

    [StackTraceHidden]
    internal sealed override void End(long token)
    {
        if (Version != token || Status < CoroutineStatus.Succeeded)
            throw Misused();
        if (Status == CoroutineStatus.Succeeded)
            Recycle();
        else
            Throw();
    }

    internal void Fail(Exception exception)
    {
        Outcome = exception;
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
    internal Exception TakeException() => Outcome as Exception ?? new CanceledException(Outcome as string);
}
