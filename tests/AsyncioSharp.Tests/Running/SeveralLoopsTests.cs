using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Running;

/// <summary>Several loops at once, each on a thread of its own: none disturbs another.</summary>
public sealed class SeveralLoopsTests
{
    private const int Threads = 10;

    [Fact]
    [CPythonTest("test_free_threading.py", "TestFreeThreading", "test_all_tasks_race")]
    public void Each_thread_sees_all_tasks_of_its_own_loop_and_no_others()
    {
        OnThreads(Threads, index => Asyncio.Run(async () =>
        {
            var group = Asyncio.CurrentTask!;
            var tasks = new List<AsyncioTask>();
            for (var i = 0; i < 100; i++)
            {
                tasks.Add(Asyncio.CreateTask(Yields(i % 5), name: $"{index}"));
                await Asyncio.Yield();
                var all = Asyncio.AllTasks();
                Assert.Contains(group, all);
                Assert.Contains(tasks[^1], all.Append(tasks[^1].IsCompleted ? tasks[^1] : group));
                Assert.All(all, task => Assert.True(task == group || task.Name == $"{index}"));
                Assert.All(all, task => Assert.Same(EventLoop.Running, task.Loop));
            }
            foreach (var task in tasks)
                await task;
            Assert.Equal([group], Asyncio.AllTasks());
        }));

        static async Coroutine Yields(int count)
        {
            for (var i = 0; i < count; i++)
                await Asyncio.Yield();
        }
    }

    [Fact]
    [CPythonTest("test_free_threading.py", "TestFreeThreading", "test_all_tasks_different_thread")]
    public void Other_threads_see_the_tasks_of_a_loop_that_makes_none_meanwhile()
    {
        using var thread = new EventLoopThread();
        var turn = new Lock();
        var tasks = new HashSet<AsyncioTask>();
        var maker = thread.RunAsync(Make);

        OnThreads(Threads, _ =>
        {
            for (var i = 0; i < 20; i++)
            {
                lock (turn)
                    Assert.Superset(tasks, Asyncio.AllTasks(thread.Loop).ToHashSet());
            }
        });
        Assert.True(maker.Wait(Patience));

        async Coroutine Make()
        {
            for (var i = 0; i < 1000; i++)
            {
                lock (turn)
                {
                    tasks.Add(Asyncio.CreateTask(Waits()));
                    Assert.Superset(tasks, Asyncio.AllTasks().ToHashSet());
                }
                await Asyncio.Yield();
            }
        }
    }

    [Fact]
    public void Another_thread_asks_a_loop_for_its_tasks_through_that_loop()
    {
        using var thread = new EventLoopThread();
        var tasks = Call(thread.Loop, () => Enumerable.Range(0, 20).Select(_ => Asyncio.CreateTask(Waits())).ToHashSet());

        OnThreads(Threads, _ =>
        {
            for (var i = 0; i < 20; i++)
                Assert.Equal(tasks, Call(thread.Loop, () => Asyncio.AllTasks().ToHashSet()));
        });
    }

    [Fact]
    [CPythonTest("test_free_threading.py", "TestFreeThreading", "test_run_coroutine_threadsafe")]
    public void Many_threads_run_coroutines_on_one_loop()
    {
        using var thread = new EventLoopThread();
        var started = 0;

        OnThreads(Threads, index =>
        {
            for (var i = 0; i < 100; i++)
            {
                var task = Asyncio.RunCoroutineThreadsafe(Work(index * 1000 + i), thread.Loop);
                Assert.True(task.Wait(Patience));
                Assert.Equal(index * 1000 + i, task.Result);
            }
        });
        Assert.Equal(Threads * 100, started);

        async Coroutine<int> Work(int result)
        {
            Assert.True(thread.Loop.IsOnThread);
            started++; // on one thread, so that none is lost
            await Asyncio.Yield();
            return result;
        }
    }

    [Fact]
    [CPythonTest("test_free_threading.py", "TestFreeThreading", "test_run_coroutine_threadsafe_exception")]
    public void Many_threads_get_the_failures_of_what_they_run()
    {
        using var thread = new EventLoopThread();

        OnThreads(Threads, index =>
        {
            for (var i = 0; i < 20; i++)
            {
                var task = Asyncio.RunCoroutineThreadsafe(Fail($"{index}"), thread.Loop);
                var failure = Assert.Throws<AggregateException>(() => task.Wait(Patience));
                Assert.Equal($"{index}", Assert.IsType<FormatException>(failure.InnerException).Message);
            }
        });

        static async Coroutine Fail(string message)
        {
            await Asyncio.Yield();
            throw new FormatException(message);
        }
    }

    [Fact]
    public void Loops_on_many_threads_call_each_other()
    {
        var loops = Enumerable.Range(0, 4).Select(_ => new EventLoopThread()).ToArray();
        try
        {
            // Each number goes once around all loops, over and over, on whatever thread the next loop runs.
            var rounds = Enumerable.Range(0, 8).Select(number => loops[0].RunAsync(() => Pass(number, 200))).ToArray();
            Assert.True(Task.WaitAll(rounds, Patience));
            Assert.Equal(Enumerable.Range(0, 8).Select(number => number + 200), rounds.Select(round => round.Result));
        }
        finally
        {
            foreach (var loop in loops)
                loop.Dispose();
        }

        async Coroutine<int> Pass(int number, int times)
        {
            for (var i = 1; i <= times; i++)
            {
                var next = loops[i % loops.Length];
                var current = number;
                number = await next.RunAsync(() => Add(current, next.Loop));
            }
            return number;
        }

        static async Coroutine<int> Add(int number, EventLoop loop)
        {
            Assert.Same(loop, EventLoop.Running);
            await Asyncio.Yield();
            return number + 1;
        }
    }

    [Fact]
    public void Loops_that_come_and_go_on_many_threads_share_nothing()
    {
        OnThreads(Threads, _ =>
        {
            for (var i = 0; i < 50; i++)
            {
                var sum = Asyncio.Run(async () => (await Asyncio.Gather(Enumerable.Range(0, 10).Select(Echo))).Sum());
                Assert.Equal(45, sum);
                Assert.Null(EventLoop.RunningOrNull);
            }
        });

        static async Coroutine<int> Echo(int number)
        {
            await Asyncio.Yield();
            return number;
        }
    }

    private static async Coroutine Waits() => await EventLoop.Running.CreateFuture<bool>();

    // By a callback, not by a task, which would be one of those asked for.
    private static T Call<T>(EventLoop loop, Func<T> function)
    {
        var result = new TaskCompletionSource<T>();
        loop.CallSoonThreadsafe(() => result.SetResult(function()));
        Assert.True(result.Task.Wait(Patience));
        return result.Task.Result;
    }

    // All start together, and what one of them throws fails the test.
    private static void OnThreads(int count, Action<int> body)
    {
        var failures = new Exception?[count];
        using var start = new Barrier(count);
        var threads = Enumerable.Range(0, count).Select(index => new Thread(() =>
        {
            Assert.True(start.SignalAndWait(Patience));
            failures[index] = Record.Exception(() => body(index));
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            Assert.True(thread.Join(Patience));
        Assert.All(failures, Assert.Null);
    }
}
