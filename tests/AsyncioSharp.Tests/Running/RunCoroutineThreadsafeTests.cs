using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

public sealed class RunCoroutineThreadsafeTests
{
    [Fact]
    public async Task The_result_arrives_on_the_calling_side()
    {
        await using var thread = new EventLoopThread();

        Assert.Equal(42, await Asyncio.RunCoroutineThreadsafe(WaitAndReturn(thread.Loop), thread.Loop));
        await Asyncio.RunCoroutineThreadsafe((Coroutine)WaitAndReturn(thread.Loop), thread.Loop);
    }

    [Fact]
    public async Task A_failure_arrives_with_its_stack()
    {
        await using var thread = new EventLoopThread();

        var failure = await Assert.ThrowsAsync<FormatException>(() => Asyncio.RunCoroutineThreadsafe(Fail(), thread.Loop));

        Assert.Contains(nameof(Fail), failure.StackTrace);

        static async Coroutine Fail()
        {
            await Asyncio.Yield();
            throw new FormatException();
        }
    }

    [Fact]
    public async Task Cancelling_the_token_cancels_the_coroutine()
    {
        await using var thread = new EventLoopThread();
        using var cancellation = new CancellationTokenSource();
        var (started, canceled) = (new TaskCompletionSource(), new TaskCompletionSource<bool>());
        var running = Asyncio.RunCoroutineThreadsafe(Wait(), thread.Loop, cancellation.Token);
        await started.Task;

        cancellation.Cancel();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(cancellation.Token, exception.CancellationToken);
        Assert.True(await canceled.Task);

        async Coroutine Wait()
        {
            started.SetResult();
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                canceled.SetResult(thread.Loop.IsOnThread);
            }
        }
    }

    [Fact]
    public async Task With_a_token_cancelled_before_it_never_starts()
    {
        await using var thread = new EventLoopThread();
        var started = false;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Asyncio.RunCoroutineThreadsafe(Start(), thread.Loop, new CancellationToken(true)));

        Assert.False(started);

        async Coroutine Start() => started = true;
    }

    [Fact]
    public async Task A_coroutine_that_is_cancelled_on_its_side_cancels_the_task()
    {
        await using var thread = new EventLoopThread();

        var running = Asyncio.RunCoroutineThreadsafe(CancelItself(), thread.Loop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(running.IsCanceled);

        static async Coroutine CancelItself()
        {
            Asyncio.CurrentTask!.Cancel();
            await Asyncio.Yield();
        }
    }

    [Fact]
    public async Task Closing_the_loop_before_the_end_says_so()
    {
        var loop = new VirtualEventLoop();
        var begun = Asyncio.RunCoroutineThreadsafe(Asyncio.Sleep(1000), loop);
        loop.Stop();
        loop.RunForever();
        var queued = Asyncio.RunCoroutineThreadsafe(Asyncio.Sleep(1000), loop);

        loop.Close();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => begun);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => queued);
        Assert.Throws<ObjectDisposedException>(() => { _ = Asyncio.RunCoroutineThreadsafe(Asyncio.Yield(), loop); });
    }

    [Fact]
    public async Task What_has_ended_before_the_loop_is_closed_is_answered()
    {
        var reports = new List<ExceptionContext>();
        var loop = LoopTest.NewLoop(reports);
        var call = Asyncio.RunCoroutineThreadsafe(StopAndFail(), loop);
        loop.RunForever();

        loop.Close();

        await Assert.ThrowsAsync<FormatException>(() => call);
        Assert.Empty(reports);

        async Coroutine StopAndFail()
        {
            await Asyncio.Yield();
            loop.Stop();
            throw new FormatException();
        }
    }

    [Fact]
    public void A_token_that_lives_on_does_not_hold_a_closed_loop()
    {
        using var source = new CancellationTokenSource();
        WeakReference? loop = null;
        var thread = new Thread(() => loop = RunAndClose(source.Token));
        thread.Start();
        thread.Join();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(loop!.IsAlive);
        GC.KeepAlive(source);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference RunAndClose(CancellationToken token)
        {
            var loop = new VirtualEventLoop();
            _ = Asyncio.RunCoroutineThreadsafe(Asyncio.Sleep(1000), loop, token);
            loop.Stop();
            loop.RunForever();
            loop.Close();
            return new WeakReference(loop);
        }
    }

    [Fact]
    public async Task A_task_factory_that_fails_is_heard_on_both_sides()
    {
        var reports = new List<ExceptionContext>();
        var loop = LoopTest.NewLoop(reports);
        loop.TaskFactory = new BrokenFactory();
        var running = Asyncio.RunCoroutineThreadsafe(Asyncio.Yield(), loop);

        loop.Stop();
        loop.RunForever();
        loop.TaskFactory = null;
        loop.Close();

        await Assert.ThrowsAsync<NotSupportedException>(() => running);
        Assert.IsType<NotSupportedException>(Assert.Single(reports).Exception);
    }

    [Fact]
    public async Task From_many_threads_each_gets_its_own()
    {
        await using var thread = new EventLoopThread();
        var onLoop = 0;

        var results = await Task.WhenAll(Enumerable.Range(0, 1000)
            .Select(i => Task.Run(() => Asyncio.RunCoroutineThreadsafe(Count(i), thread.Loop))));

        Assert.Equal(Enumerable.Range(0, 1000), results);
        Assert.Equal(1000, onLoop);

        async Coroutine<int> Count(int i)
        {
            await Asyncio.Yield();
            onLoop++; // no lock: it is one thread
            return i;
        }
    }

    private static async Coroutine<int> WaitAndReturn(EventLoop expected)
    {
        await Asyncio.Yield();
        Assert.Same(expected, EventLoop.Running);
        return 42;
    }

    private sealed class BrokenFactory : AsyncioTaskFactory
    {
        public override AsyncioTask CreateTask(EventLoop loop, Coroutine coroutine, TaskRequest request) =>
            throw new NotSupportedException();
    }
}
