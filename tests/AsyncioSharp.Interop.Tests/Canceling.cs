using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Interop;

/// <summary>How a cancellation reaches a task that waits for a library.</summary>
internal static class Canceling
{
    private static readonly AsyncLocal<string?> s_local = new();

    /// <summary>The task ends in the very turn in which the loop hears that the library has answered the token.</summary>
    public static async Coroutine AssertAnswerArrivesAsync(EventLoop loop, Func<CancellationToken, Task> waits, Func<Coroutine>? begun)
    {
        Task? call = null;
        string? local = null;
        AsyncioTask? current = null;
        var waiting = Asyncio.CreateTask(WaitAsync());
        await BeginAsync(waiting, begun);
        var hasEnded = loop.CreateFuture<bool>();
        // Registered behind the task's own wait, so called behind it; and what it posts stands in the inbox behind the task.
        _ = call!.ContinueWith(
            _ => loop.CallSoonThreadsafe(() => hasEnded.SetResult(waiting.IsCompleted)),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        waiting.Cancel("enough");

        Assert.True(await hasEnded, "The library had answered, and the task had not ended.");
        await Expect.ThrowsAsync<CanceledException>(waiting);
        Assert.True(waiting.IsCanceled);
        Assert.Equal("the task's own", local);
        Assert.Same(waiting, current);

        async Coroutine WaitAsync()
        {
            s_local.Value = "the task's own";
            try
            {
                await (call = waits(Asyncio.CancellationToken));
            }
            finally
            {
                (local, current) = (s_local.Value, Asyncio.CurrentTask);
                Assert.Same(loop, EventLoop.RunningOrNull);
            }
        }
    }

    /// <summary>With <c>AsFuture()</c> the task ends in the next turn, whatever the library does.</summary>
    public static async Coroutine AssertAbandonedAtOnceAsync(Func<CancellationToken, Task> waits, Func<Coroutine>? begun)
    {
        using var source = new CancellationTokenSource();
        Task? call = null;
        var waiting = Asyncio.CreateTask(WaitAsync());
        await BeginAsync(waiting, begun);

        waiting.Cancel();
        await Asyncio.Yield();

        Assert.True(waiting.IsCanceled);
        Assert.False(call!.IsCompleted);
        source.Cancel();
        await Expect.CanceledAsync(call);

        async Coroutine WaitAsync() => await (call = waits(source.Token)).AsFuture();
    }

    private static async Coroutine BeginAsync(AsyncioTask waiting, Func<Coroutine>? begun)
    {
        await Asyncio.Yield();
        if (begun is not null)
            await begun();
        if (waiting.IsFaulted)
            await waiting;
        Assert.False(waiting.IsCompleted, "It was to wait, and has ended.");
    }
}
