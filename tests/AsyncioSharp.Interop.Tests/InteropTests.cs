using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Interop;

/// <summary>The base of suites that run other people's libraries on each loop that has a network.</summary>
public abstract class InteropTests(EventLoop loop) : OnNetwork(loop)
{
    /// <summary>
    /// Shows that a library is at home on the loop: what it completes resumes each task on the loop's thread as the current
    /// one and in its own context, and a cancellation arrives.
    /// </summary>
    /// <param name="completes">Begins something that completes after a while.</param>
    /// <param name="waits">Begins something that waits until its token is cancelled.</param>
    /// <param name="begun">Waits until that has begun wherever it takes place; by default it has when it returns.</param>
    /// <param name="asFuture">Whether it can also be left alone and ended later.</param>
    protected async Coroutine AssertAtHomeAsync(
        Func<CancellationToken, Task> completes, Func<CancellationToken, Task>? waits = null, Func<Coroutine>? begun = null, bool asFuture = true)
    {
        await Resuming.AssertAsync(Loop, completes);
        if (waits is null)
            return;
        await Canceling.AssertAnswerArrivesAsync(Loop, waits, begun);
        if (asFuture)
            await Canceling.AssertAbandonedAtOnceAsync(waits, begun);
    }
}
