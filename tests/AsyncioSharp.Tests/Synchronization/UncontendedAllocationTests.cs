using System.Diagnostics;
using System.Reflection;

namespace AsyncioSharp.Tests;

/// <summary>What need not wait allocates nothing. Only optimized code has the state machines that make this true.</summary>
[Collection(nameof(Alone))]
public sealed class UncontendedAllocationTests
{
    private const int Rounds = 1000;

    [Fact]
    public void A_semaphore_with_a_free_place_allocates_nothing() => CheckAllocations(async () =>
    {
        var semaphore = new AsyncSemaphore();
        return async () =>
        {
            using (await semaphore.AcquireAsync())
            {
            }
        };
    });

    [Fact]
    public void A_free_lock_allocates_nothing() => CheckAllocations(async () =>
    {
        var mutex = new AsyncLock();
        return async () =>
        {
            using (await mutex.AcquireAsync())
            {
            }
        };
    });

    [Fact]
    public void An_event_that_is_set_allocates_nothing() => CheckAllocations(async () =>
    {
        var ready = new AsyncEvent(isSet: true);
        return async () =>
        {
            await ready.WaitAsync();
            ready.Clear();
            ready.Set();
        };
    });

    [Fact]
    public void A_condition_that_holds_allocates_nothing() => CheckAllocations(async () =>
    {
        var condition = new AsyncCondition();
        return async () =>
        {
            using (await condition.AcquireAsync())
            {
                await condition.WaitForAsync(static () => true);
                condition.Notify();
                condition.NotifyAll();
            }
        };
    });

    [Fact]
    public void A_barrier_for_one_allocates_nothing() => CheckAllocations(async () =>
    {
        var barrier = new AsyncBarrier(1);
        return async () => await barrier.WaitAsync();
    });

    [Fact]
    public void A_limiter_with_a_free_token_allocates_nothing() => CheckAllocations(async () =>
    {
        var limiter = new CapacityLimiter(1);
        return async () =>
        {
            using (await limiter.AcquireAsync())
            {
            }
        };
    });

    [Fact]
    public void Tasks_that_wait_for_a_lock_in_turn_allocate_nothing() => CheckAllocations(async () =>
    {
        var mutex = new AsyncLock();
        Asyncio.CreateTask(Rival()).Name = "rival";
        return async () =>
        {
            using (await mutex.AcquireAsync())
                await Asyncio.Yield();
        };

        async Coroutine Rival()
        {
            for (; ; )
            {
                using (await mutex.AcquireAsync())
                    await Asyncio.Yield();
            }
        }
    });

    [Fact]
    public void Tasks_that_notify_each_other_allocate_nothing() => CheckAllocations(async () =>
    {
        var condition = new AsyncCondition();
        var mine = true;
        Asyncio.CreateTask(Play(false)).Name = "rival";
        return async () => await TurnOf(true);

        async Coroutine Play(bool whose)
        {
            for (; ; )
                await TurnOf(whose);
        }

        async Coroutine TurnOf(bool whose)
        {
            using (await condition.AcquireAsync())
            {
                while (mine != whose)
                    await condition.WaitAsync();
                mine = !mine;
                condition.Notify();
            }
        }
    });

    [Fact]
    public void A_queue_with_room_and_items_allocates_nothing() => CheckAllocations(async () =>
    {
        var queue = new AsyncQueue<int>(1);
        return async () =>
        {
            await queue.PutAsync(1);
            await queue.GetAsync();
            queue.TaskDone();
            await queue.JoinAsync();
        };
    });

    [Fact]
    public void Tasks_that_pass_items_and_wait_for_each_other_allocate_nothing() => CheckAllocations(async () =>
    {
        var (there, back) = (new AsyncQueue<int>(), new AsyncQueue<int>());
        Asyncio.CreateTask(Echo()).Name = "echo";
        return async () =>
        {
            await there.PutAsync(1);
            await back.GetAsync();
        };

        async Coroutine Echo()
        {
            for (; ; )
                await back.PutAsync(await there.GetAsync());
        }
    });

    private static void CheckAllocations(Func<Coroutine<Func<Coroutine>>> prepare)
    {
        Assert.SkipUnless(IsOptimized(typeof(Asyncio)) && IsOptimized(typeof(UncontendedAllocationTests)), "a debug build");
        LoopTest.Run(async () =>
        {
            var round = await prepare();
            for (var i = 0; i < Rounds; i++)
                await round();

            // What is allocated once, such as a larger array, shows in one of them; what a round allocates shows in all.
            var allocated = long.MaxValue;
            for (var attempt = 0; attempt < 5 && allocated > 0; attempt++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < Rounds; i++)
                    await round();
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Assert.Equal(0, allocated);
        });
    }

    private static bool IsOptimized(Type type) =>
        type.Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };
}
