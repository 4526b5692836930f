using System.Runtime.CompilerServices;
using AsyncioSharp.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>A <see cref="Coroutine"/> with a result.</summary>
/// <typeparam name="T">The result's type.</typeparam>
[AsyncMethodBuilder(typeof(CoroutineMethodBuilder<>))]
public readonly struct Coroutine<T> : IAwaitable<T>
{
    // A CoroutineBox<T>, or a Suspension<T>.
    internal readonly CoroutineSource? Source;
    internal readonly T Value;
    internal readonly int Token;

    internal Coroutine(CoroutineBox<T> box, int token)
        : this((CoroutineSource)box, token)
    {
    }

    internal Coroutine(Suspension<T> suspension, int token)
        : this((CoroutineSource)suspension, token)
    {
    }

    private Coroutine(CoroutineSource source, int token)
    {
        Source = source;
        Token = token;
        Value = default!;
    }

    internal Coroutine(T value)
    {
        Source = null;
        Token = 0;
        Value = value;
    }

    /// <summary>The same coroutine for whoever has no use for the result.</summary>
    /// <param name="coroutine">The coroutine.</param>
    public static implicit operator Coroutine(Coroutine<T> coroutine) => new(coroutine.Source, coroutine.Token);

    /// <summary>Lets <c>await</c> run it inside the coroutine that awaits.</summary>
    public CoroutineAwaiter<T> GetAwaiter() => new(this);

    Future IAwaitable.AsFuture(EventLoop loop) => loop.CreateTask(this);

    bool IAwaitable.IsCoroutine(out Coroutine coroutine)
    {
        coroutine = this;
        return true;
    }
}
