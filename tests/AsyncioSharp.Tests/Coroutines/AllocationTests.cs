using System.Diagnostics;
using System.Reflection;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Coroutines;

/// <summary>What must not allocate once it runs steadily: less than one byte an operation, so that a rare allocation of a block passes.</summary>
public class AllocationTests
{
    private const int Count = 20_000;

    [Fact]
    public void Yielding() => Measure(static async count =>
    {
        for (var i = 0; i < count; i++)
            await Asyncio.Yield();
    });

    [Fact]
    public void Sleeping() => Measure(static async count =>
    {
        for (var i = 0; i < count; i++)
            await Asyncio.Sleep(TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void Awaiting_a_child_that_need_not_wait() => Measure(static async count =>
    {
        for (var i = 0; i < count; i++)
            await Child(waits: false);
    });

    [Fact]
    public void Awaiting_a_child_that_waits() => Measure(static async count =>
    {
        for (var i = 0; i < count; i++)
            await Child(waits: true);
    });

    [Fact]
    public void Awaiting_a_deep_chain() => Measure(static async count =>
    {
        for (var i = 0; i < count / 100; i++)
            await Chain(100);
    });

    [Fact]
    public void Awaiting_values() => Measure(static async count =>
    {
        for (var i = 0; i < count; i++)
            await Coroutine.FromResult(i);
    });

    [Fact]
    public void Scheduling_callbacks() => Measure(static async count =>
    {
        var loop = EventLoop.Running;
        Action nothing = static () => { };
        for (var i = 0; i < count; i++)
        {
            loop.CallSoon(nothing);
            if (i % 16 == 0)
                await Asyncio.Yield();
        }
    });

    [Fact]
    public void Scheduling_callbacks_with_state() => Measure(static async count =>
    {
        var loop = EventLoop.Running;
        Action<int> nothing = static _ => { };
        for (var i = 0; i < count; i++)
        {
            loop.CallSoon(nothing, i);
            if (i % 16 == 0)
                await Asyncio.Yield();
        }
    });

    [Fact]
    public void Setting_and_cancelling_timers() => Measure(static async count =>
    {
        var loop = EventLoop.Running;
        Action<int> nothing = static _ => { };
        for (var i = 0; i < count; i++)
        {
            loop.CallLater(TimeSpan.FromSeconds(1), nothing, i).Cancel();
            if (i % 16 == 0)
                await Asyncio.Yield();
        }
    });

    [Fact]
    public void Timers_that_fire() => Measure(static async count =>
    {
        var loop = EventLoop.Running;
        Action<int> nothing = static _ => { };
        for (var i = 0; i < count; i++)
        {
            loop.CallLater(TimeSpan.FromSeconds(1), nothing, i);
            if (i % 16 == 0)
                await Asyncio.Sleep(TimeSpan.FromSeconds(2));
        }
    });

    [Fact]
    public void Passing_a_semaphore() => Measure(static async count =>
    {
        var semaphore = new AsyncSemaphore(1);
        for (var i = 0; i < count; i++)
        {
            using (await semaphore.AcquireAsync())
                await Coroutine.Completed;
        }
    });

    [Fact]
    public void Passing_items_through_a_queue() => Measure(static async count =>
    {
        var queue = new AsyncQueue<int>(1);
        var producer = Asyncio.CreateTask(Produce());
        for (var i = 0; i < count; i++)
            await queue.GetAsync();
        await producer;

        async Coroutine Produce()
        {
            for (var i = 0; i < count; i++)
                await queue.PutAsync(i);
        }
    }, once: 2000);

    [Fact]
    public void A_task_costs_its_object_and_little_more() => Measure(static async count =>
    {
        for (var i = 0; i < count; i++)
            await Asyncio.CreateTask(Child(waits: false));
    }, perOperation: 140);

    private static async Coroutine<int> Child(bool waits)
    {
        if (waits)
            await Asyncio.Yield();
        return 1;
    }

    private static async Coroutine<int> Chain(int depth)
    {
        if (depth > 0)
            return 1 + await Chain(depth - 1);
        await Asyncio.Yield();
        return 0;
    }

    // Warm first: pools fill, the heap and the ready queue grow, methods are compiled.
    private static void Measure(Func<int, Coroutine> body, double perOperation = 1, long once = 0)
    {
        // The C# compiler makes state machines classes in a debug build, and the JIT boxes awaiters there.
        var optimized = typeof(AllocationTests).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };
        Assert.SkipUnless(optimized, "This is measured in optimized code: dotnet test -c Release.");
        var allocated = LoopTest.Run(async () =>
        {
            await body(Count);
            await body(Count);
            var before = GC.GetAllocatedBytesForCurrentThread();
            await body(Count);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.True(allocated - once < Count * perOperation, $"{allocated} bytes for {Count} operations");
    }
}
