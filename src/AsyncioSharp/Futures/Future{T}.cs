using System.Diagnostics;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A <see cref="Future"/> with a result. <see cref="EventLoop.CreateFuture{T}"/> makes one.</summary>
/// <typeparam name="T">The result's type.</typeparam>
public class Future<T> : Future, IAwaitable<T>
{
    private T _result = default!;

    internal Future(EventLoop loop)
        : base(loop) { }

    /// <summary>The result (<c>Future.result()</c>).</summary>
    /// <exception cref="InvalidStateException">It has not completed.</exception>
    /// <exception cref="CanceledException">It was cancelled.</exception>
    public T Result
    {
        [StackTraceHidden]
        get
        {
            ThrowUnlessSucceeded();
            return _result;
        }
    }

    /// <summary>Completes it with a result (<c>Future.set_result()</c>).</summary>
    /// <param name="result">The result.</param>
    /// <exception cref="InvalidStateException">It has completed.</exception>
    public void SetResult(T result)
    {
        CheckPending();
        _result = result;
        CompleteSucceeded();
    }

    /// <summary>Completes it with an exception (<c>Future.set_exception()</c>).</summary>
    /// <param name="exception">The exception.</param>
    /// <exception cref="InvalidStateException">It has completed.</exception>
    public void SetException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        CheckPending();
        CompleteFaulted(exception);
    }

    /// <summary>Completes it with a result unless it has completed.</summary>
    /// <param name="result">The result.</param>
    /// <returns>False if it had completed.</returns>
    public bool TrySetResult(T result)
    {
        Loop.CheckThread();
        if (IsCompleted)
            return false;
        _result = result;
        CompleteSucceeded();
        return true;
    }

    /// <summary>Completes it with an exception unless it has completed.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>False if it had completed.</returns>
    public bool TrySetException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        Loop.CheckThread();
        if (IsCompleted)
            return false;
        CompleteFaulted(exception);
        return true;
    }

    internal sealed override object? BoxedResult => _result is VoidResult ? null : _result;

    /// <summary>Lets <c>await</c> wait for it.</summary>
    public new FutureAwaiter<T> GetAwaiter() => new(this);

    /// <summary>A .NET task that completes as this future does; cancelling this future cancels the task.</summary>
    public new Task<T> AsTask() => FutureTask<T>.Of(this, static future => ((Future<T>)future)._result);
}
