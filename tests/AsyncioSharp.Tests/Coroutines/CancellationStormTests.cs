using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Coroutines;

/// <summary>
/// Programs that are cancelled at every moment at which they can be: at each turn of the loop in which they run, once, twice,
/// or at random. Whatever happens, what was entered is left, nothing hangs, and the counts are right in the end.
/// </summary>
public class CancellationStormTests
{
    public static TheoryData<string> Programs => [.. s_programs.Keys];

    private static readonly Dictionary<string, Func<Probe, Coroutine>> s_programs = new()
    {
        ["sleeps"] = async probe =>
        {
            using (probe.Enter())
            {
                await Asyncio.Sleep(1);
                await Asyncio.Yield();
                await Nested(probe, 5);
            }
        },
        ["finally blocks that wait"] = async probe =>
        {
            using (probe.Enter())
            {
                try
                {
                    await Nested(probe, 3);
                }
                finally
                {
                    await Shielded(probe);
                }
            }
        },
        ["gather"] = async probe =>
        {
            using (probe.Enter())
                await Asyncio.Gather(Nested(probe, 2), Nested(probe, 3), Nested(probe, 0));
        },
        ["group"] = async probe =>
        {
            using (probe.Enter())
            {
                await TaskGroup.RunAsync(async group =>
                {
                    for (var i = 0; i < 3; i++)
                        group.StartSoon(Nested(probe, i));
                    await Nested(probe, 2);
                });
            }
        },
        ["timeout"] = async probe =>
        {
            using (probe.Enter())
            {
                try
                {
                    await Asyncio.Timeout(2.5, async _ => await Nested(probe, 4));
                }
                catch (TimeoutException)
                {
                    await Nested(probe, 1);
                }
            }
        },
        ["semaphore"] = async probe =>
        {
            await Asyncio.Gather(Pass(), Pass(), Pass());

            async Coroutine Pass()
            {
                using (probe.Enter())
                {
                    using (await probe.Semaphore.AcquireAsync())
                    {
                        probe.Inside++;
                        Assert.Equal(1, probe.Inside);
                        try
                        {
                            await Asyncio.Sleep(1);
                            await Asyncio.Yield();
                        }
                        finally
                        {
                            probe.Inside--;
                        }
                    }
                }
            }
        },
        ["queue"] = async probe =>
        {
            var queue = new AsyncQueue<int>(1);
            await Asyncio.Gather(Produce(), Consume(), Consume());

            async Coroutine Produce()
            {
                using (probe.Enter())
                {
                    for (var i = 0; i < 6; i++)
                        await queue.PutAsync(i);
                }
            }

            async Coroutine Consume()
            {
                using (probe.Enter())
                {
                    for (var i = 0; i < 3; i++)
                    {
                        await queue.GetAsync();
                        await Asyncio.Yield();
                    }
                }
            }
        },
        ["tasks that await each other"] = async probe =>
        {
            using (probe.Enter())
            {
                var inner = Asyncio.CreateTask(Nested(probe, 3));
                var outer = Asyncio.CreateTask(Await(inner));
                await outer;
            }
        },
        ["futures"] = async probe =>
        {
            using (probe.Enter())
            {
                for (var i = 0; i < 3; i++)
                {
                    var future = EventLoop.Running.CreateFuture<int>();
                    EventLoop.Running.CallLater(TimeSpan.FromSeconds(1), static future => future.TrySetResult(1), future);
                    await future;
                }
            }
        },
        ["foreign code"] = async probe =>
        {
            using (probe.Enter())
            {
                await Foreign(probe);
                await Nested(probe, 1);
            }
        },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_cancellation_at_any_turn_is_clean(string name)
    {
        var turns = Turns(name);
        for (var turn = 0; turn <= turns; turn++)
            Run(name, turn, [turn]);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Two_cancellations_at_any_two_turns_are_clean(string name)
    {
        var turns = Turns(name);
        for (var first = 0; first <= turns; first++)
        {
            for (var second = first; second <= turns + 2; second++)
                Run(name, first * 1000 + second, [first, second]);
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Storms_are_clean(string name)
    {
        var turns = Turns(name) + 10;
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            Run(name, seed, [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(turns)).Order()]);
        }
    }

    // How many turns the program takes where nobody cancels it.
    private static int Turns(string name) => Run(name, 0, []);

    private static int Run(string name, int seed, int[] cancellations)
    {
        var probe = new Probe();
        var turns = 0;
        LoopTest.Run(async () =>
        {
            var task = Asyncio.CreateTask(s_programs[name](probe), name);
            var next = 0;
            while (!task.IsCompleted)
            {
                while (next < cancellations.Length && cancellations[next] <= turns)
                {
                    task.Cancel($"{next}");
                    next++;
                }
                turns++;
                Assert.True(turns < 10_000, $"{name} hangs after cancellations at {string.Join(" ", cancellations)} ({seed})");
                // Every other turn the clock goes on, so that timers fire in between.
                await (turns % 2 == 0 ? Asyncio.Sleep(0.25) : Asyncio.Yield());
            }
            Assert.False(task.IsFaulted, task.IsFaulted ? $"{name}, {string.Join(" ", cancellations)}: {task.Exception}" : null);
            Assert.True(task.IsCanceled || cancellations.Length == 0 || next < cancellations.Length || task.CancelRequests > 0);
            if (cancellations.Length == 0)
                Assert.True(task.IsCompletedSuccessfully);

            // What a gather left behind when it was cancelled ends by itself.
            while (Asyncio.AllTasks().Count > 1)
                await Asyncio.Sleep(1);
            Assert.Equal(probe.Entered, probe.Left);
            Assert.Equal(0, probe.Inside);
            using (await Asyncio.WaitFor(probe.Semaphore.AcquireAsync(), 1))
                Assert.True(probe.Semaphore.IsLocked);
        });
        return turns;
    }

    private static async Coroutine Nested(Probe probe, int depth)
    {
        using (probe.Enter())
        {
            if (depth % 2 == 0)
                await Asyncio.Sleep(1);
            if (depth > 0)
                await Plain(probe, depth - 1);
        }
    }

    // A frame without a handler of its own, through which a cancellation passes silently.
    private static async Coroutine Plain(Probe probe, int depth) => await Nested(probe, depth);

    private static async Coroutine Shielded(Probe probe)
    {
        using (probe.Enter())
            await Asyncio.Shield(Nested(probe, 1));
    }

    private static async Coroutine Await(AsyncioTask task) => await task;

    private static async Task Foreign(Probe probe)
    {
        using (probe.Enter())
        {
            await Asyncio.Sleep(1);
            await Task.Yield();
            await Nested(probe, 2);
        }
    }

    private sealed class Probe
    {
        public AsyncSemaphore Semaphore { get; } = new(1);

        public int Inside { get; set; }

        public int Entered { get; private set; }

        public int Left { get; private set; }

        public IDisposable Enter()
        {
            Entered++;
            return new Leaving(this);
        }

        private sealed class Leaving(Probe probe) : IDisposable
        {
            private bool _left;

            public void Dispose()
            {
                Assert.False(_left);
                _left = true;
                probe.Left++;
            }
        }
    }
}
