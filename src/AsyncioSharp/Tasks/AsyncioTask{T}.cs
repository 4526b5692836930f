using System.Diagnostics;
using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>An <see cref="AsyncioTask"/> with a result.</summary>
/// <typeparam name="T">The result's type.</typeparam>
public sealed class AsyncioTask<T> : AsyncioTask, IAwaitable<T>
{
    private T _result = default!;

    internal AsyncioTask(EventLoop loop, CoroutineBox root, string? name, ExecutionContext? context)
        : base(loop, root, name, context) { }

    /// <inheritdoc cref="Future{T}.Result"/>
    public T Result
    {
        [StackTraceHidden]
        get
        {
            ThrowUnlessSucceeded();
            return _result;
        }
    }

    internal override object? BoxedResult => _result;

    /// <summary>Lets <c>await</c> wait for it.</summary>
    public new FutureAwaiter<T> GetAwaiter() => new(this);

    /// <inheritdoc cref="Future{T}.AsTask"/>
    public new Task<T> AsTask() => FutureTask<T>.Of(this, static task => ((AsyncioTask<T>)task)._result);

    private protected override void TakeResult(CoroutineBox root) => _result = Unsafe.As<CoroutineBox<T>>(root).Result;
}
