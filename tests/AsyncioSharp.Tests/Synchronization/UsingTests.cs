namespace AsyncioSharp.Tests.Synchronization;

/// <summary>What <c>async with</c> is for locks in Python: <c>using (await … .AcquireAsync())</c>.</summary>
public sealed class UsingTests : OnVirtualLoop
{
    [Fact]
    [CPythonTest("test_pep492.py", "LockTests", "test_context_manager_async_with")]
    public void Every_lock_is_held_inside_the_block_and_free_after_it()
    {
        var theLock = new AsyncLock();
        var condition = new AsyncCondition();
        var semaphore = new AsyncSemaphore();
        var bounded = new AsyncBoundedSemaphore();

        Loop.RunUntilComplete(Check(async () => await theLock.AcquireAsync(), () => theLock.IsLocked));
        Loop.RunUntilComplete(Check(async () => await condition.AcquireAsync(), () => condition.IsLocked));
        Loop.RunUntilComplete(Check(async () => await semaphore.AcquireAsync(), () => semaphore.IsLocked));
        Loop.RunUntilComplete(Check(async () => await bounded.AcquireAsync(), () => bounded.IsLocked));

        static async Coroutine Check(Func<Coroutine<IDisposable>> acquire, Func<bool> isLocked)
        {
            await Asyncio.Sleep(0.01);
            Assert.False(isLocked());
            using (await acquire())
            {
                Assert.True(isLocked());
                await Asyncio.Sleep(0.01);
                Assert.True(isLocked());
            }
            Assert.False(isLocked());
        }
    }

    [Fact]
    public void A_block_that_is_left_by_a_failure_or_a_cancellation_frees_its_lock()
    {
        var theLock = new AsyncLock();
        Loop.RunUntilComplete(Main());

        async Coroutine Main()
        {
            await Expect.ThrowsAsync<FormatException>(async () =>
            {
                using (await theLock.AcquireAsync())
                    throw new FormatException();
            });
            Assert.False(theLock.IsLocked);

            var task = Asyncio.CreateTask(Sleep());
            await Asyncio.Yield();
            Assert.True(theLock.IsLocked);
            task.Cancel();
            await Expect.ThrowsAsync<CanceledException>(task);
            Assert.False(theLock.IsLocked);
        }

        async Coroutine Sleep()
        {
            using (await theLock.AcquireAsync())
                await Asyncio.Sleep(1);
        }
    }
}
