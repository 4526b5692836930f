using System.ComponentModel;

namespace AsyncioSharp.LowLevel;

/// <summary>
/// What a loop's ready queue and timer heap hold. It has no members for programs; it is public because
/// <see cref="Future"/> derives from it.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class Runnable
{
    /// <summary>Its place among the timers: positive in the heap, negative in the run, 0 while it is not one of them.</summary>
    internal int TimerIndex;

    /// <summary>Orders timers of equal deadline: first armed, first fired.</summary>
    internal int TimerOrder;

    private protected Runnable() { }

    /// <summary>The program's callback that it stands for, to be named in reports; null if that is not known.</summary>
    internal virtual Delegate? UserCallback => null;

    /// <summary>Runs it, on the loop's thread, in its turn.</summary>
    internal abstract void Run();

    /// <summary>Its deadline has come: it left the heap. Called on the loop's thread while timers are collected.</summary>
    internal virtual void TimerElapsed(EventLoop loop) => loop.Ready.Enqueue(this);

    /// <summary>Of what stands among a future's callbacks: the future or task on whose behalf, for call graphs.</summary>
    internal virtual Future? OnBehalfOf => null;

    /// <summary>The loop has closed and will never run it. Called on any thread.</summary>
    internal virtual void Dropped() { }

    /// <summary>It ran, and left the thread with an execution context that is not the loop's.</summary>
    internal virtual void LeftContext(ExecutionContext context) { }
}
