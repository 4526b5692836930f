using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// What an <c>async Coroutine</c> method returns. It is lazy, as in Python: calling the method runs nothing, awaiting the
/// coroutine or making a task of it does. It runs once, on the thread of its loop, and is cancelled together with whoever
/// awaits it.
/// </summary>
/// <remarks><c>default(Coroutine)</c> is one that has ended. It costs nothing to make and nothing to await.</remarks>
[AsyncMethodBuilder(typeof(CoroutineMethodBuilder))]
public readonly struct Coroutine : IAwaitable
{
    // Without a source the token says it all: 0 has ended, a positive one sleeps so many ticks, a negative one yields. That
    // spares the most frequent waits a reference in the state of each method that awaits them.
    internal readonly CoroutineSource? Source;
    internal readonly long Token;

    internal Coroutine(CoroutineSource? source, long token)
    {
        Source = source;
        Token = token;
    }

    /// <summary>A coroutine that has ended.</summary>
    public static Coroutine Completed => default;

    /// <summary>A coroutine that has ended with a result; awaiting it does not suspend.</summary>
    /// <typeparam name="T">The result's type.</typeparam>
    /// <param name="result">The result.</param>
    public static Coroutine<T> FromResult<T>(T result) => new(result);

    /// <summary>A coroutine that fails with an exception as soon as it is awaited.</summary>
    /// <param name="exception">The exception.</param>
    public static Coroutine FromException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return new Coroutine(new FailedSource(exception), 0);
    }

    /// <summary>A coroutine that fails with an exception as soon as it is awaited.</summary>
    /// <typeparam name="T">The type of the result that it will not have.</typeparam>
    /// <param name="exception">The exception.</param>
    public static Coroutine<T> FromException<T>(Exception exception)
    {
        var failing = FromException(exception);
        return Fail();

        async Coroutine<T> Fail()
        {
            await failing;
            return default!;
        }
    }

    /// <summary>Waits for a time; for one of zero or less, as <see cref="Yield"/> does.</summary>
    internal static Coroutine Sleep(TimeSpan delay) => delay > TimeSpan.Zero
        ? new Coroutine(null, delay.Ticks)
        : delay == Timeout.InfiniteTimeSpan ? new Coroutine(null, long.MaxValue) : Yield();

    /// <summary>Lets everything else that is ready run first.</summary>
    internal static Coroutine Yield() => new(null, -1);

    /// <summary>Lets <c>await</c> run it inside the coroutine that awaits.</summary>
    public CoroutineAwaiter GetAwaiter() => new(Source, Token);

    /// <summary>Drops a coroutine that will not be run, on purpose: debug mode does not ask for it.</summary>
    internal void Discard() => Source?.Discard(Token);

    Future IAwaitable.AsFuture(EventLoop loop) => loop.CreateTask(this);

    bool IAwaitable.IsCoroutine(out Coroutine coroutine)
    {
        coroutine = this;
        return true;
    }
}
