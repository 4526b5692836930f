using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A <see cref="Coroutine"/> with a result.</summary>
/// <typeparam name="T">The result's type.</typeparam>
[AsyncMethodBuilder(typeof(CoroutineMethodBuilder<>))]
public readonly struct Coroutine<T> : IAwaitable<T>
{
    internal readonly CoroutineBox<T>? Box;
    internal readonly T Value;
    internal readonly int Token;

    internal Coroutine(CoroutineBox<T> box, int token)
    {
        Box = box;
        Token = token;
        Value = default!;
    }

    internal Coroutine(T value)
    {
        Box = null;
        Token = 0;
        Value = value;
    }

    /// <summary>The same coroutine for whoever has no use for the result.</summary>
    /// <param name="coroutine">The coroutine.</param>
    public static implicit operator Coroutine(Coroutine<T> coroutine) => new(coroutine.Box, coroutine.Token);

    /// <summary>Lets <c>await</c> run it inside the coroutine that awaits.</summary>
    public CoroutineAwaiter<T> GetAwaiter() => new(this);

    Future IAwaitable.AsFuture(EventLoop loop) => loop.CreateTask(this);
}
