using System.ComponentModel;
using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.CompilerServices;

/// <summary>
/// What stands behind a <see cref="Coroutine"/> that has no value yet: a compiled method, or a
/// <see cref="Suspension"/>. It has no members for programs; it is public because <see cref="Suspension"/> derives from it.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class CoroutineSource
{
    internal int Version;
    internal CoroutineStatus Status;

    internal CoroutineSource() { }

    /// <summary>Itself, if it is a compiled method; otherwise null.</summary>
    internal CoroutineBox? AsBox => Status == CoroutineStatus.Suspension ? null : Unsafe.As<CoroutineBox>(this);

    /// <summary>Whether it is a compiled method that a coroutine with this token may still start.</summary>
    internal bool CanBegin(long token) => Status == CoroutineStatus.Created && Version == token;

    /// <summary>
    /// Whether an await ends without <see cref="Begin"/>; asked right before, of what cannot begin as a compiled method does.
    /// It changes nothing: <see cref="End"/> does.
    /// </summary>
    internal abstract bool IsReady(long token);

    /// <summary>
    /// Starts it on behalf of a coroutine that runs now and awaits it. Either it has ended on return, and the parent's
    /// <see cref="CoroutineBox.ResumeAtOnce"/> is set; or the running task is parked, or has this as its next frame.
    /// </summary>
    internal abstract void Begin(CoroutineBox parent, long token);

    /// <summary>Ends the await: throws what it failed with. A compiled method's box is free for reuse afterwards.</summary>
    internal abstract void End(long token);

    /// <summary>Drops what a coroutine with this token would have begun: it will not be awaited, on purpose.</summary>
    internal virtual void Discard(long token) { }

    /// <summary>What an awaiter gets when it awaits what cannot be awaited, or asks too early.</summary>
    internal static InvalidOperationException Misused() => new(
        "This coroutine was awaited already. A coroutine runs once: call the method again for another one, " +
        "or make a task of it (Asyncio.CreateTask) and await that as often as you like.");

    /// <summary>What those get who ask a coroutine for its result without awaiting it.</summary>
    internal static InvalidOperationException NotAwaited() => new(
        "This coroutine has not run: GetAwaiter().GetResult() does not run it, nor wait for it. Await it in a coroutine, " +
        "or run it as a program with Asyncio.Run.");
}
