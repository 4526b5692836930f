using System.Runtime.CompilerServices;

namespace AsyncioSharp.Tests.Coroutines;

/// <summary>The boxes of coroutines are reused: nothing of one call may be seen by the next.</summary>
public class BoxReuseTests
{
    [Fact]
    public void Calls_that_succeed_fail_and_are_cancelled_in_turn_do_not_disturb_each_other()
    {
        LoopTest.Run(async () =>
        {
            var random = new Random(3);
            for (var i = 0; i < 2000; i++)
            {
                var (waits, end) = (random.Next(2) == 0, random.Next(3));
                var task = Asyncio.CreateTask(Outer(i, waits, end));
                if (end == 2)
                {
                    await Asyncio.Yield();
                    await Asyncio.Yield();
                    Assert.True(task.Cancel($"{i}"));
                }
                switch (end)
                {
                    case 0:
                        Assert.Equal($"{i}", await task);
                        break;
                    case 1:
                        Assert.Equal($"{i}", (await Expect.ThrowsAsync<FormatException>(task)).Message);
                        break;
                    default:
                        Assert.Equal($"{i}", (await Expect.ThrowsAsync<CanceledException>(task)).CancelMessage);
                        break;
                }
            }
        });

        static async Coroutine<string> Outer(int number, bool waits, int end) => await Middle(number, waits, end);

        static async Coroutine<string> Middle(int number, bool waits, int end)
        {
            string? result = null;
            try
            {
                Assert.Null(result); // a local of a call before would be seen here
                result = await Inner(number, waits, end);
            }
            finally
            {
                Assert.Equal(end == 0, result is not null);
            }
            return result;
        }

        static async Coroutine<string> Inner(int number, bool waits, int end)
        {
            if (waits)
                await Asyncio.Yield();
            if (end == 2)
                await Asyncio.Sleep(1);
            return end == 0 ? $"{number}" : throw new FormatException($"{number}");
        }
    }

    [Fact]
    public void A_coroutine_kept_from_before_does_not_end_the_call_that_has_its_box_now()
    {
        LoopTest.Run(async () =>
        {
            var old = Value(1);
            Assert.Equal(1, await old);
            var now = Value(2);
            for (var i = 0; i < 3; i++)
                await Expect.ThrowsAsync<InvalidOperationException>(async () => await old);
            Assert.Equal(2, await now);
        });

        static async Coroutine<int> Value(int value)
        {
            await Asyncio.Yield();
            return value;
        }
    }

    [Fact]
    public void A_failed_await_of_a_used_coroutine_leaves_its_awaiter_running()
    {
        LoopTest.Run(async () =>
        {
            var used = Nothing();
            await used;
            for (var i = 0; i < 100; i++)
            {
                await Expect.ThrowsAsync<InvalidOperationException>(async () => await used);
                await Nothing();
            }
        });

        static async Coroutine Nothing() => await Asyncio.Yield();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void What_a_call_held_is_let_go_when_it_has_ended(int end)
    {
        LoopTest.Run(async () =>
        {
            var held = Call(end, out var task);
            await Asyncio.Yield();
            if (end == 2)
                task.Cancel();
            await Asyncio.Wait([task]);
            Assert.Equal(end == 1, task.IsFaulted);
            task.Cancel(); // the failure counts as seen
            await Asyncio.Yield();
            for (var i = 0; i < 10 && held.IsAlive; i++)
            {
                GC.Collect();
                await Asyncio.Yield();
            }
            Assert.False(held.IsAlive);
        });

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Call(int end, out AsyncioTask task)
        {
            var held = new object();
            task = Asyncio.CreateTask(Hold(held, end));
            return new WeakReference(held);
        }

        static async Coroutine Hold(object held, int end)
        {
            await Asyncio.Yield();
            if (end == 1)
                throw new FormatException();
            await Asyncio.Sleep(1);
            GC.KeepAlive(held);
        }
    }

    [Fact]
    public void Recursive_calls_of_one_method_have_boxes_of_their_own()
    {
        LoopTest.Run(async () =>
        {
            Assert.Equal(6765, await Fibonacci(20));
            var tasks = Enumerable.Range(0, 10).Select(_ => Fibonacci(12));
            Assert.All(await Asyncio.Gather(tasks), value => Assert.Equal(144, value));
        });

        static async Coroutine<int> Fibonacci(int n)
        {
            if (n < 2)
            {
                if (n == 0)
                    await Asyncio.Yield();
                return n;
            }
            return await Fibonacci(n - 1) + await Fibonacci(n - 2);
        }
    }

    [Fact]
    public void Boxes_that_change_threads_keep_working()
    {
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() => LoopTest.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
                Assert.Equal(i, await Asyncio.CreateTask(Echo(i)));
        }))).ToArray();

        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        // Made on one thread, run on another: the box goes to the pool of the other.
        for (var i = 0; i < 100; i++)
        {
            var coroutine = Echo(i);
            var result = 0;
            var thread = new Thread(
                () => result = Asyncio.Run(coroutine, new RunnerOptions { HandleInterrupt = false, LoopFactory = () => LoopTest.NewLoop() }));
            thread.Start();
            thread.Join();
            Assert.Equal(i, result);
        }

        static async Coroutine<int> Echo(int value)
        {
            await Asyncio.Yield();
            return value;
        }
    }
}
