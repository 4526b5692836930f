using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

// Threads that call into the loop, and wait or do not.
public sealed partial class EventLoopThreadTests
{
    [Fact]
    public void A_thread_can_wait_for_a_coroutine()
    {
        using var thread = new EventLoopThread(name: "portal");
        var name = "";

        Assert.Equal(42, thread.Run(AnswerAsync));
        thread.Run(async () =>
        {
            await Asyncio.Yield();
            name = Thread.CurrentThread.Name;
        });
        Assert.Equal("portal", name);
        Assert.Throws<FormatException>(() => thread.Run(FailAsync));
        Assert.ThrowsAny<OperationCanceledException>(() => thread.Run(AnswerAsync, new CancellationToken(true)));

        static async Coroutine<int> AnswerAsync()
        {
            await Task.Yield();
            return 42;
        }

        static async Coroutine<int> FailAsync()
        {
            await Asyncio.Yield();
            throw new FormatException();
        }
    }

    [Fact]
    public async Task Waiting_on_a_loops_thread_is_refused()
    {
        await using var thread = new EventLoopThread();
        await using var other = new EventLoopThread();

        var own = await thread.RunAsync(() => RefusedAsync(thread));
        var foreign = await thread.RunAsync(() => RefusedAsync(other));

        Assert.Contains("wait for itself", own);
        Assert.Contains("RunAsync", foreign);

        static async Coroutine<string> RefusedAsync(EventLoopThread thread)
        {
            await Asyncio.Yield();
            return Assert.Throws<InvalidOperationException>(() => thread.Run(async () => await Asyncio.Yield())).Message;
        }
    }

    [Fact]
    public async Task A_coroutine_whose_token_is_cancelled_is_cancelled_and_cleans_up()
    {
        await using var thread = new EventLoopThread();
        using var source = new CancellationTokenSource();
        var (begun, cleanedUp) = (new TaskCompletionSource(), false);
        var running = thread.RunAsync(async () =>
        {
            try
            {
                begun.SetResult();
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                await Asyncio.Yield();
                cleanedUp = true;
            }
        }, source.Token);
        await begun.Task;

        await source.CancelAsync();

        var end = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(source.Token, end.CancellationToken);
        Assert.True(cleanedUp);
    }

    [Fact]
    public async Task What_nobody_waits_for_reports_its_failure()
    {
        var reports = new List<ExceptionContext>();
        var done = new TaskCompletionSource();
        var thread = new EventLoopThread(new RunnerOptions { LoopFactory = () => LoopTest.NewLoop(reports) });
        thread.StartSoon(async () =>
        {
            await Asyncio.Yield();
            throw new FormatException();
        }, "doomed");
        thread.StartSoon(async () =>
        {
            await Asyncio.Sleep(1);
            done.SetResult();
        });
        await done.Task;
        await thread.DisposeAsync();

        var report = Assert.Single(reports);
        Assert.IsType<FormatException>(report.Exception);
        Assert.Contains("doomed", report.Message);
        Assert.Throws<ObjectDisposedException>(() => thread.StartSoon(async () => await Asyncio.Yield()));
    }

    [Fact]
    public async Task Coroutines_see_the_values_of_whoever_starts_them()
    {
        await using var thread = new EventLoopThread();
        var local = new AsyncLocal<string> { Value = "mine" };
        var seen = new TaskCompletionSource<string?>();

        thread.StartSoon(async () =>
        {
            await Asyncio.Yield();
            seen.SetResult(local.Value);
        });

        Assert.Equal("mine", await seen.Task);
        Assert.Equal("mine", await thread.RunAsync(() => Coroutine.FromResult(local.Value)));
    }

    [Fact]
    public async Task Disposing_is_bounded_also_if_a_task_does_not_end()
    {
        var reports = new List<ExceptionContext>();
        var thread = new EventLoopThread(new RunnerOptions
        {
            LoopFactory = () => LoopTest.NewLoop(reports),
            TaskShutdownTimeout = TimeSpan.FromSeconds(1),
        });
        var begun = new TaskCompletionSource();
        var stubborn = thread.RunAsync(() => Stubborn.WaitAsync(begun));
        await begun.Task;

        await thread.DisposeAsync();

        Assert.Contains(reports, report => report.Kind == ReportKind.TaskNeverEnded);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stubborn);
    }

    [Fact]
    public async Task Every_call_gets_an_answer_while_it_is_disposed()
    {
        for (var round = 0; round < 20; round++)
        {
            var thread = new EventLoopThread();
            var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                var answers = 0;
                try
                {
                    for (; ; answers++)
                        await thread.RunAsync(async () => await Asyncio.Yield());
                }
                catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
                {
                    return answers;
                }
            })).ToList();
            await thread.RunAsync(async () => await Asyncio.Yield());

            await thread.DisposeAsync();

            await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task What_nobody_waits_for_reports_a_failure_at_the_end_once()
    {
        var reports = new List<ExceptionContext>();
        var begun = new TaskCompletionSource();
        var thread = new EventLoopThread(new RunnerOptions { LoopFactory = () => LoopTest.NewLoop(reports) });
        thread.StartSoon(async () =>
        {
            try
            {
                begun.SetResult();
                await EventLoop.Running.CreateFuture<int>(); // a sleep would pass at once
            }
            finally
            {
                throw new FormatException();
            }
        }, "doomed");
        await begun.Task;

        await thread.DisposeAsync();

        Assert.IsType<FormatException>(Assert.Single(reports).Exception);
    }

    [Fact]
    public async Task What_a_call_fails_with_at_the_end_is_the_callers_alone()
    {
        var reports = new List<ExceptionContext>();
        var begun = new TaskCompletionSource();
        var thread = new EventLoopThread(new RunnerOptions { LoopFactory = () => LoopTest.NewLoop(reports) });
        var call = thread.RunAsync(async () =>
        {
            try
            {
                begun.SetResult();
                await EventLoop.Running.CreateFuture<int>();
            }
            finally
            {
                throw new FormatException();
            }
        });
        await begun.Task;

        await thread.DisposeAsync();

        await Assert.ThrowsAsync<FormatException>(() => call);
        Assert.Empty(reports);
    }

    [Fact]
    public async Task What_begins_while_it_is_disposed_cleans_up_too()
    {
        var thread = new EventLoopThread(new RunnerOptions { LoopFactory = () => LoopTest.NewLoop() });
        var (begun, late) = (new TaskCompletionSource(), default(Task));
        var cleanedUp = false;
        _ = thread.RunAsync(async () =>
        {
            try
            {
                begun.SetResult();
                await EventLoop.Running.CreateFuture<int>();
            }
            finally
            {
                late = thread.RunAsync(LateAsync); // as another thread might
                await Asyncio.Sleep(1);
            }
        });
        await begun.Task;

        await thread.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late!);
        Assert.True(cleanedUp);

        async Coroutine LateAsync()
        {
            try
            {
                await EventLoop.Running.CreateFuture<int>();
            }
            finally
            {
                await Asyncio.Sleep(1);
                cleanedUp = true;
            }
        }
    }

    [Fact]
    public void A_loop_that_its_options_do_not_fit_is_closed()
    {
        VirtualEventLoop? loop = null;

        Assert.Throws<ArgumentException>(
            () => new EventLoopThread(new RunnerOptions { Name = "", LoopFactory = () => loop = new VirtualEventLoop() }));

        Assert.True(loop!.IsClosed);
    }
}
