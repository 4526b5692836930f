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

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Rounds; i++)
                await round();
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.InRange(allocated, 0, Rounds / 10); // nothing per round; a queue may grow once
        });
    }

    private static bool IsOptimized(Type type) =>
        type.Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };
}
