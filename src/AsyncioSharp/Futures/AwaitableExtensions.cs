using System.Diagnostics;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>Lets <c>await</c> take what is known only as <see cref="IAwaitable"/>, and makes futures of .NET tasks.</summary>
public static class AwaitableExtensions
{
    /// <summary>Lets <c>await</c> wait for it. A coroutine runs inside the one that awaits.</summary>
    /// <param name="awaitable">A coroutine, task or future.</param>
    public static CoroutineAwaiter GetAwaiter(this IAwaitable awaitable)
    {
        ArgumentNullException.ThrowIfNull(awaitable);
        return awaitable.IsCoroutine(out var coroutine) ? coroutine.GetAwaiter() : Await(awaitable).GetAwaiter();

        static async Coroutine Await(IAwaitable awaitable) => await awaitable.AsFuture(EventLoop.Running);
    }

    /// <summary>Lets <c>await</c> wait for it. A coroutine runs inside the one that awaits.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="awaitable">A coroutine, task or future.</param>
    public static CoroutineAwaiter<T> GetAwaiter<T>(this IAwaitable<T> awaitable)
    {
        ArgumentNullException.ThrowIfNull(awaitable);
        return awaitable is Coroutine<T> coroutine ? coroutine.GetAwaiter() : Await(awaitable).GetAwaiter();

        static async Coroutine<T> Await(IAwaitable<T> awaitable) => awaitable switch
        {
            AsyncioTask<T> task => await task,
            Future<T> future => await future,
            _ => throw new UnreachableException(), // nothing outside the library implements the interface
        };
    }

    /// <summary>
    /// A future that completes as a .NET task does (<c>asyncio.wrap_future()</c>). Unlike the task itself it can be
    /// cancelled at any moment: whoever waits goes on at once, and the .NET task is left to itself.
    /// </summary>
    /// <param name="task">The .NET task.</param>
    /// <exception cref="InvalidOperationException">No loop runs here.</exception>
    public static Future AsFuture(this Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return TaskFuture<VoidResult>.Of(task, static _ => default);
    }

    /// <inheritdoc cref="AsFuture(Task)"/>
    /// <typeparam name="T">The result's type.</typeparam>
    public static Future<T> AsFuture<T>(this Task<T> task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return TaskFuture<T>.Of(task, static task => ((Task<T>)task).Result);
    }
}
