using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed partial class EventLoopThreadTests
{
    [Fact]
    public async Task Runs_coroutines_on_its_own_thread()
    {
        await using var thread = new EventLoopThread();
        var here = Environment.CurrentManagedThreadId;

        var (first, second) = (await thread.RunAsync(Where), await thread.RunAsync(Where));

        Assert.NotEqual(here, first);
        Assert.Equal(first, second);

        async Coroutine<int> Where()
        {
            Assert.Same(thread.Loop, EventLoop.Running);
            await Task.Yield();
            return Environment.CurrentManagedThreadId;
        }
    }

    [Fact]
    public async Task Takes_the_loop_from_its_options()
    {
        await using var thread = new EventLoopThread(new RunnerOptions { LoopFactory = () => new VirtualEventLoop() });

        await thread.RunAsync(async () => await Asyncio.Sleep(TimeSpan.FromDays(1)));

        Assert.IsType<VirtualEventLoop>(thread.Loop);
    }

    [Fact]
    public async Task Passes_on_failures_and_cancellation()
    {
        await using var thread = new EventLoopThread();

        await Assert.ThrowsAsync<FormatException>(() => thread.RunAsync(() => throw new FormatException()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => thread.RunAsync(async () => await Asyncio.Yield(), new CancellationToken(true)));
    }

    [Fact]
    public async Task Disposing_of_it_cancels_what_runs_and_waits_for_it()
    {
        var thread = new EventLoopThread();
        var (started, cleanedUp) = (new TaskCompletionSource(), false);
        var running = thread.RunAsync(Wait);
        await started.Task;

        thread.Dispose();
        thread.Dispose();
        await thread.DisposeAsync();

        Assert.True(cleanedUp);
        Assert.True(thread.Loop.IsClosed);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Throws<ObjectDisposedException>(() => { _ = thread.RunAsync(async () => await Asyncio.Yield()); });

        async Coroutine Wait()
        {
            started.SetResult();
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                await Asyncio.Yield();
                cleanedUp = true;
            }
        }
    }

    [Fact]
    public async Task How_long_its_end_waits_may_be_changed_while_it_runs()
    {
        var thread = new EventLoopThread(
            new RunnerOptions { ExecutorShutdownTimeout = TimeSpan.FromSeconds(7), SlowCallbackDuration = TimeSpan.FromSeconds(3) });
        Assert.Equal((null, TimeSpan.FromSeconds(7)), (thread.TaskShutdownTimeout, thread.ExecutorShutdownTimeout));
        Assert.Equal(TimeSpan.FromSeconds(3), thread.Loop.SlowCallbackDuration);
        thread.Loop.ExceptionHandler = static (_, _) => { }; // tells what was left
        var running = new TaskCompletionSource();
        var stubborn = thread.RunAsync(() => Stubborn.WaitAsync(running));
        await running.Task;

        (thread.TaskShutdownTimeout, thread.ExecutorShutdownTimeout) = (TimeSpan.Zero, TimeSpan.Zero);
        await thread.DisposeAsync(); // and does not wait for ever

        await Assert.ThrowsAsync<ObjectDisposedException>(() => stubborn);
    }

    [Fact]
    public async Task Its_own_thread_cannot_wait_for_its_end()
    {
        var thread = new EventLoopThread();

        await thread.RunAsync(async () => Assert.Throws<InvalidOperationException>(thread.Dispose));

        await thread.DisposeAsync();
    }

    [Fact]
    public void A_loop_that_cannot_be_made_fails_the_constructor()
    {
        var options = new RunnerOptions { LoopFactory = () => throw new NotSupportedException() };

        Assert.Throws<NotSupportedException>(() => new EventLoopThread(options));
    }
}
