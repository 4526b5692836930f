using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>.NET's own asynchronous methods await what is this library's, on the loop's thread.</summary>
public abstract class AwaitedByForeignTests(EventLoop loop) : ForeignLoopTests(loop)
{
    private static readonly Dictionary<string, Func<IAwaitable<int>>> s_ours = new()
    {
        ["a coroutine that waits"] = () => WaitAndReturn(42),
        ["a coroutine that does not wait"] = () => ReturnAtOnce(42),
        ["a coroutine with its value"] = () => Coroutine.FromResult(42),
        ["a task"] = () => Asyncio.CreateTask(WaitAndReturn(42)),
        ["a future"] = () =>
        {
            var future = EventLoop.Running.CreateFuture<int>();
            EventLoop.Running.CallSoon(() => future.SetResult(42));
            return future;
        },
        ["a future that has completed"] = () =>
        {
            var future = EventLoop.Running.CreateFuture<int>();
            future.SetResult(42);
            return future;
        },
    };

    public static TheoryData<string> Ours => [.. s_ours.Keys];

    [Theory]
    [MemberData(nameof(Ours))]
    public void An_async_Task_method_awaits_it(string kind) => Run(async () => Assert.Equal(42, await Method(s_ours[kind])));

    [Theory]
    [MemberData(nameof(Ours))]
    public void An_async_Task_method_awaits_it_after_it_awaited_a_task(string kind) => Run(async () =>
    {
        Assert.Equal(42, await AfterTask());

        async Task<int> AfterTask()
        {
            var owner = Asyncio.CurrentTask;
            await Task.Yield();
            Assert.Same(owner, Asyncio.CurrentTask);
            await CompletedOnPool();
            Assert.Same(owner, Asyncio.CurrentTask);
            return await Method(s_ours[kind]);
        }
    });

    [Theory]
    [MemberData(nameof(Ours))]
    public void An_async_ValueTask_method_awaits_it(string kind) => Run(async () =>
    {
        Assert.Equal(42, await ValueTaskMethod());

        async ValueTask<int> ValueTaskMethod()
        {
            var result = await s_ours[kind]();
            Assert.True(Loop.IsOnThread);
            return result;
        }
    });

    [Theory]
    [MemberData(nameof(Ours))]
    public void An_async_void_method_awaits_it(string kind) => Run(async () =>
    {
        var done = Loop.CreateFuture<int>();
        VoidMethod();
        Assert.Equal(42, await done);

        async void VoidMethod() => done.SetResult(await s_ours[kind]());
    });

    [Theory]
    [MemberData(nameof(Ours))]
    public void A_callback_of_the_loop_awaits_it_in_async_code(string kind) => Run(async () =>
    {
        var done = Loop.CreateFuture<int>();
        Loop.CallSoon(async () =>
        {
            Assert.Null(Asyncio.CurrentTask);
            done.SetResult(await Method(s_ours[kind]));
        });
        Assert.Equal(42, await done);
    });

    [Fact]
    public void An_async_iterator_awaits_ours_and_theirs() => Run(async () =>
    {
        var (items, owner) = (new List<int>(), Asyncio.CurrentTask);

        await foreach (var item in Iterate())
        {
            items.Add(item);
            Assert.Same(owner, Asyncio.CurrentTask);
            await Asyncio.Yield();
        }

        Assert.Equal([0, 1, 2, -1], items);

        async IAsyncEnumerable<int> Iterate()
        {
            try
            {
                for (var i = 0; i < 3; i++)
                {
                    await Asyncio.Yield();
                    await CompletedOnPool();
                    Assert.Same(owner, Asyncio.CurrentTask);
                    yield return await WaitAndReturn(i);
                }
                yield return -1;
            }
            finally
            {
                await Asyncio.Sleep(0.001);
            }
        }
    });

    [Fact]
    public void Leaving_an_async_iterator_early_runs_its_clean_up() => Run(async () =>
    {
        var cleanedUp = false;

        await foreach (var item in Iterate())
        {
            if (item == 1)
                break;
        }

        Assert.True(cleanedUp);

        async IAsyncEnumerable<int> Iterate([EnumeratorCancellation] CancellationToken token = default)
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    await Asyncio.Yield();
                    yield return i;
                }
            }
            finally
            {
                await Asyncio.Yield();
                cleanedUp = true;
            }
        }
    });

    [Fact]
    public void A_failure_arrives_with_the_stacks_of_both_sides() => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<FormatException>(async () => await TheirMethod());

        Assert.Contains(nameof(OurMethod), failure.StackTrace);
        Assert.Contains(nameof(TheirMethod), failure.StackTrace);

        static async Task TheirMethod() => await OurMethod();

        static async Coroutine OurMethod()
        {
            await Asyncio.Yield();
            throw new FormatException();
        }
    });

    [Fact]
    public void A_failure_in_an_async_void_method_is_reported() => Run(async () =>
    {
        VoidMethod();
        await Expect.Turns(3);

        var report = Assert.Single(Reports());
        Assert.IsType<FormatException>(report.Exception);

        static async void VoidMethod()
        {
            await Asyncio.Yield();
            throw new FormatException();
        }
    });

    [Fact]
    public void Chains_through_both_worlds_pass_results_and_failures() => Run(async () =>
    {
        Assert.Equal(50, await Ours(50, fails: false));
        await Expect.ThrowsAsync<FormatException>(async () => await Ours(50, fails: true));

        static async Coroutine<int> Ours(int depth, bool fails)
        {
            await Asyncio.Yield();
            if (depth == 0)
                return fails ? throw new FormatException() : 0;
            return 1 + await Theirs(depth - 1, fails);
        }

        static async Task<int> Theirs(int depth, bool fails)
        {
            await Task.Yield();
            return 1 + await Ours(depth - 1, fails);
        }
    });

    [Fact]
    public void A_coroutine_is_awaited_once_there_too() => Run(async () =>
    {
        var misuse = await Expect.ThrowsAsync<InvalidOperationException>(async () => await Twice(WaitAndReturn(1)));

        Assert.Contains("awaited already", misuse.Message);

        static async Task Twice(Coroutine<int> coroutine)
        {
            Assert.Equal(1, await coroutine);
            await coroutine;
        }
    });

    [Fact]
    public void On_a_pool_thread_it_says_what_to_do() => Run(async () =>
    {
        var future = Loop.CreateFuture<int>();
        var task = Asyncio.CreateTask(Block());

        Func<Task>[] waits =
        [
            async () => await WaitAndReturn(1),
            async () => await Asyncio.Sleep(1),
            async () => await task,
            async () => await future,
        ];
        foreach (var wait in waits)
        {
            var misuse = await Expect.ThrowsAsync<InvalidOperationException>(async () => await Task.Run(wait));
            Assert.Contains("no event loop", misuse.Message, StringComparison.OrdinalIgnoreCase);
            Assert.Matches("AsTask|RunCoroutineThreadsafe", misuse.Message);
        }
        future.SetResult(1);
        await task;

        async Coroutine Block() => await future;
    });

    [Fact]
    public async Task Where_no_loop_was_ever_started_the_error_says_how_to_start_one()
    {
        var misuse = await Assert.ThrowsAsync<InvalidOperationException>(static async () => await WaitAndReturn(1));

        Assert.StartsWith("No event loop runs on this thread", misuse.Message);
        Assert.Contains("Asyncio.Run(", misuse.Message);
    }

    [Fact]
    public void A_future_becomes_a_task_for_other_threads() => Run(async () =>
    {
        var (succeeding, failing, canceled) = (Loop.CreateFuture<int>(), Loop.CreateFuture<int>(), Loop.CreateFuture<int>());
        var (first, second, third) = (succeeding.AsTask(), failing.AsTask(), canceled.AsTask());
        var other = Task.Run(async () => await first);

        succeeding.SetResult(42);
        failing.SetException(new FormatException());
        canceled.Cancel();

        Assert.Equal(42, await other);
        await Expect.ThrowsAsync<FormatException>(async () => await second);
        await Expect.ThrowsAsync<TaskCanceledException>(async () => await third);
        Assert.Equal(42, await succeeding.AsTask());
    });

    [Fact]
    public void A_task_becomes_a_NET_task_for_other_threads() => Run(async () =>
    {
        var task = Asyncio.CreateTask(WaitAndReturn(42));
        var other = task.AsTask();

        Assert.Equal(42, await Task.Run(async () => await other));
    });

    [Fact]
    public async Task Other_threads_are_answered_when_the_loop_closes()
    {
        var reports = new List<ExceptionContext>();
        Loop.ExceptionHandler = (_, report) => reports.Add(report);
        var (failing, waiting, untold) = (default(Task), default(Task), default(Task));
        Run(async () =>
        {
            var future = Loop.CreateFuture<int>();
            failing = future.AsTask();
            waiting = Loop.CreateTask(WaitForever()).AsTask();
            untold = Loop.CreateFuture<int>().AsTask();
            await Asyncio.Yield();
            Loop.CallSoon(() => future.SetException(new FormatException())); // in the last turn
        });
        Assert.False(failing!.IsCompleted || waiting!.IsCompleted || untold!.IsCompleted);

        Loop.Close();

        await Assert.ThrowsAsync<FormatException>(() => failing);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => untold);
        Assert.Empty(reports);

        static async Coroutine WaitForever() => await Asyncio.Sleep(TimeSpan.MaxValue);
    }

    [Fact]
    public async Task Whoever_begins_to_wait_when_the_loop_has_closed_is_answered()
    {
        var (future, task) = (Loop.CreateFuture<int>(), default(AsyncioTask));
        Run(async () =>
        {
            task = Loop.CreateTask(WaitForever());
            await Asyncio.Yield();
        });
        Loop.ExceptionHandler = (_, _) => { }; // that the task is pending is not the matter here
        Loop.Close();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => future.AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ((Future)future).AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => task!.AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
        future.SetResult(42); // it can still complete, and then says so
        Assert.Equal(42, await future.AsTask());

        static async Coroutine WaitForever() => await Asyncio.Sleep(TimeSpan.MaxValue);
    }

    [Fact]
    public void A_future_that_nobody_waits_for_any_more_is_not_kept() => Run(async () =>
    {
        var futures = Enumerable.Range(0, 100).Select(static _ => AwaitAndForget()).ToArray();
        GC.Collect();
        Assert.InRange(futures.Count(static future => future.TryGetTarget(out _)), 0, 1); // one may be left in a register
    });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<Future> AwaitAndForget()
    {
        var future = EventLoop.Running.CreateFuture<int>();
        Assert.False(future.AsTask().IsCompleted);
        return new WeakReference<Future>(future);
    }

    [Fact]
    public async Task Code_that_needs_no_loop_is_answered_when_the_loop_closes()
    {
        var reports = new List<ExceptionContext>();
        Loop.ExceptionHandler = (_, report) => reports.Add(report);
        Task[] reads = [];
        Run(async () =>
        {
            var (failing, waiting) = (Streams(out var failed), Streams(out _));
            reads = [ReadAsync(failing), ReadAsync(waiting)];
            await Asyncio.Yield();
            failed.SetException(new FormatException()); // the read fails in the last turn
        });
        Assert.DoesNotContain(reads, static read => read.IsCompleted);

        Loop.Close();

        await Assert.ThrowsAsync<FormatException>(() => reads[0]);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reads[1]);
        Assert.Empty(reports);

        Stream Streams(out AsyncStreamReader reader)
        {
            (reader, var writer) = Asyncio.FromStream(new System.IO.Pipelines.Pipe().Reader.AsStream());
            return writer.AsStream();
        }

        static async Task ReadAsync(Stream stream) => await stream.ReadAsync(new byte[1]).ConfigureAwait(false);
    }

    private async Task<int> Method(Func<IAwaitable<int>> ours)
    {
        var owner = Asyncio.CurrentTask;
        var result = await ours();
        Assert.True(Loop.IsOnThread);
        Assert.Same(owner, Asyncio.CurrentTask);
        return result;
    }

    private static async Coroutine<int> WaitAndReturn(int result)
    {
        await Asyncio.Yield();
        await Asyncio.Sleep(0.001);
        return result;
    }

    private static async Coroutine<int> ReturnAtOnce(int result) => result;
}

public sealed class VirtualAwaitedByForeignTests() : AwaitedByForeignTests(new VirtualEventLoop());

public sealed class EpollAwaitedByForeignTests() : AwaitedByForeignTests(new EpollEventLoop());

public sealed class IoUringAwaitedByForeignTests() : AwaitedByForeignTests(IoUring.NewLoop());

public sealed class PortableAwaitedByForeignTests() : AwaitedByForeignTests(new PortableEventLoop());
