using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Foreign;

/// <summary><c>async Task</c> code that was to go on on a loop that closes: nobody waits for it for ever, and its clean-up runs.</summary>
public sealed class LeftBehindTests
{
    private readonly VirtualEventLoop _loop = new() { ExceptionHandler = (_, _) => { } }; // that tasks are pending is not the matter here

    [Fact]
    public async Task What_was_to_go_on_on_the_loop_goes_on_elsewhere()
    {
        var (task, trace) = (Task.CompletedTask, new List<object?>());
        Run(() => task = CountAsync());
        Assert.False(task.IsCompleted);

        _loop.Close();

        await task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal([.. Enumerable.Range(0, 20), null], trace);

        async Task CountAsync()
        {
            for (var i = 0; i < 20; i++)
            {
                trace.Add(i);
                await Task.Yield();
            }
            trace.Add(EventLoop.RunningOrNull);
        }
    }

    [Fact]
    public async Task What_comes_when_the_loop_has_closed_goes_on_as_well()
    {
        var (task, source) = (Task.FromResult(0), new TaskCompletionSource<int>());
        Run(() => task = WaitAsync());

        _loop.Close();
        source.SetResult(42);

        Assert.Equal(42, await task.WaitAsync(Patience, TestContext.Current.CancellationToken));

        async Task<int> WaitAsync() => await source.Task;
    }

    [Fact]
    public async Task It_goes_on_a_piece_at_a_time_as_on_the_loop()
    {
        var (tasks, inside, together) = (Array.Empty<Task>(), 0, 0);
        Run(() => tasks = [.. Enumerable.Range(0, 4).Select(_ => WorkAsync())]);

        _loop.Close();

        await Task.WhenAll(tasks).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, together);

        async Task WorkAsync()
        {
            for (var i = 0; i < 200; i++)
            {
                if (Interlocked.Increment(ref inside) > 1)
                    together++;
                Thread.SpinWait(50);
                Interlocked.Decrement(ref inside);
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task It_does_not_go_on_before_the_loop_has_closed()
    {
        var (task, isClosing, early) = (Task.CompletedTask, false, false);
        Run(() => task = WaitAsync());
        _loop.CallSoonThreadsafe(() => { }, null, otherwise: Linger);

        _loop.Close();

        await task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.False(early);

        // A part of closing, which calls the program.
        void Linger()
        {
            Volatile.Write(ref isClosing, true);
            Thread.Sleep(20); // what is wrong would be wrong by now, most likely
            Volatile.Write(ref isClosing, false);
        }

        async Task WaitAsync()
        {
            for (var i = 0; i < 10; i++)
            {
                await Task.Yield();
                early |= Volatile.Read(ref isClosing);
            }
        }
    }

    [Theory]
    [InlineData("coroutine", false)]
    [InlineData("coroutine", true)]
    [InlineData("sleep", false)]
    [InlineData("sleep", true)]
    [InlineData("task", false)]
    [InlineData("task", true)]
    [InlineData("future", false)]
    [InlineData("future", true)]
    [InlineData("executor", false)]
    [InlineData("executor", true)]
    [InlineData("stream", false)]
    [InlineData("stream", true)]
    [InlineData("stream, unconfigured", false)]
    [InlineData("stream, unconfigured", true)]
    public async Task What_it_awaits_of_ours_ends_with_the_loop(string kind, bool inTask)
    {
        var (task, cleanedUp) = (Task.CompletedTask, false);
        var gate = new ManualResetEventSlim();
        if (inTask)
            Run(() => _loop.CreateTask(MainAsync(), eagerStart: true));
        else
            Run(() => task = WaitAsync());

        _loop.Close();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => task.WaitAsync(Patience));
        gate.Set();
        Assert.True(cleanedUp);

        async Task WaitAsync()
        {
            try
            {
                await (kind switch
                {
                    "coroutine" => Await(ForEverAsync()),
                    "sleep" => AwaitSleep(),
                    "task" => AwaitTask(_loop.CreateTask(ForEverAsync())),
                    "future" => AwaitFuture(_loop.CreateFuture<int>()),
                    "executor" => AwaitFuture(_loop.RunInExecutor(null, () => gate.Wait(Patience) ? 1 : 0)),
                    _ => AwaitStream(kind == "stream"),
                });
            }
            finally
            {
                await Task.Yield();
                cleanedUp = true;
            }
        }

        async Coroutine MainAsync()
        {
            task = WaitAsync();
            await Asyncio.Sleep(TimeSpan.MaxValue);
        }

        static async Task Await(Coroutine<int> coroutine) => await coroutine;
        static async Task AwaitSleep() => await Asyncio.Sleep(TimeSpan.MaxValue);
        static async Task AwaitTask(AsyncioTask<int> task) => await task;

        static async Task AwaitFuture(Future<int> future) => await future;

        static async Task AwaitStream(bool comesBack)
        {
            var (_, writer) = Asyncio.FromStream(new System.IO.Pipelines.Pipe().Reader.AsStream());
            await writer.AsStream().ReadExactlyAsync(new byte[1]).ConfigureAwait(comesBack);
        }

        static async Coroutine<int> ForEverAsync()
        {
            await Asyncio.Sleep(TimeSpan.MaxValue);
            return 0;
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_it_awaits_ends_with_the_loop_also_if_the_task_that_has_begun_it_has_ended(bool beginsToWaitLater, bool inDebugMode)
    {
        _loop.Debug = inDebugMode;
        var (task, cleanedUp) = (Task.CompletedTask, false);
        var future = _loop.CreateFuture<int>();
        _loop.RunUntilComplete(MainAsync());

        _loop.Close();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => task.WaitAsync(Patience));
        Assert.True(cleanedUp);

        async Coroutine MainAsync()
        {
            await _loop.CreateTask(BeginAsync());
            await Asyncio.Sleep(1.0);
        }

        async Coroutine BeginAsync()
        {
            task = WaitAsync();
            await Task.Yield();
        }

        async Task WaitAsync()
        {
            try
            {
                if (beginsToWaitLater)
                {
                    for (var i = 0; i < 5; i++)
                        await Task.Yield();
                }
                await future;
            }
            finally
            {
                cleanedUp = true;
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_awaited_on_behalf_of_a_task_that_has_ended_is_told_once(bool beginsToWaitLater)
    {
        var (task, times) = (Task.CompletedTask, 0);
        var future = _loop.CreateFuture<int>();
        _loop.RunUntilComplete(MainAsync());

        _loop.Close();

        await task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(1, times);

        async Coroutine MainAsync()
        {
            await _loop.CreateTask(BeginAsync());
            await Asyncio.Sleep(1.0);
            future.SetResult(1);
            await Asyncio.Sleep(1.0);
        }

        async Coroutine BeginAsync()
        {
            task = WaitAsync();
            await Task.Yield();
        }

        async Task WaitAsync()
        {
            if (beginsToWaitLater)
                await Task.Yield();
            times += await future;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_has_ended_in_the_last_turn_is_told(bool fails)
    {
        var (task, reports) = (Task.FromResult(0), new List<ExceptionContext>());
        _loop.ExceptionHandler = (_, report) => reports.Add(report);
        _loop.RunUntilComplete(Main());
        Assert.False(task.IsCompleted);

        _loop.Close();

        if (fails)
            await Assert.ThrowsAsync<FormatException>(() => task.WaitAsync(Patience));
        else
            Assert.Equal(42, await task.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Empty(reports); // somebody was told

        async Coroutine Main()
        {
            var gate = _loop.CreateFuture<int>();
            task = WaitAsync();
            await Asyncio.Yield();
            gate.SetResult(42);

            async Task<int> WaitAsync() => await InnerAsync();

            async Coroutine<int> InnerAsync()
            {
                var result = await gate;
                return fails ? throw new FormatException() : result;
            }
        }
    }

    [Fact]
    public async Task The_failure_of_an_async_void_method_is_reported()
    {
        var reported = new TaskCompletionSource<ExceptionContext>();
        _loop.ExceptionHandler = (_, report) => reported.TrySetResult(report);
        Run(FailAsync);

        _loop.Close();

        Assert.IsType<FormatException>((await reported.Task.WaitAsync(Patience, TestContext.Current.CancellationToken)).Exception);

        static async void FailAsync()
        {
            for (var i = 0; i < 10; i++)
                await Task.Yield();
            throw new FormatException();
        }
    }

    [Fact]
    public void At_the_end_of_a_program_it_has_ended_before()
    {
        var cleanedUp = false;

        LoopTest.Run(async () =>
        {
            _ = WaitAsync();
            await Asyncio.Yield();
        });

        Assert.True(cleanedUp); // while the loop still ran

        async Task WaitAsync()
        {
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                cleanedUp = EventLoop.RunningOrNull is not null;
            }
        }
    }

    // In a callback of the loop, which then stops.
    private void Run(Action begin)
    {
        _loop.CallSoon(() =>
        {
            begin();
            _loop.Stop();
        });
        _loop.RunForever();
    }
}
