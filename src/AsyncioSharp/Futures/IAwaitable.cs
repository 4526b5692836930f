using AsyncioSharp.LowLevel;

namespace AsyncioSharp;

/// <summary>
/// What can be awaited and combined: a <see cref="Coroutine"/>, an <see cref="AsyncioTask"/> or any other
/// <see cref="Future"/>. Types outside this library cannot implement it; they give one of these.
/// </summary>
public interface IAwaitable
{
    /// <summary>Itself, if it is a future, otherwise a new task on the loop (<c>asyncio.ensure_future</c>).</summary>
    internal Future AsFuture(EventLoop loop);

    /// <summary>Whether it is a coroutine.</summary>
    /// <param name="coroutine">It, without its result.</param>
    internal bool IsCoroutine(out Coroutine coroutine);
}
