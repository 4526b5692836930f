namespace AsyncioSharp.Tests;

public sealed class AsyncBoundedSemaphoreTests
{
    [Fact]
    [CPythonTest("test_locks.py", "SemaphoreTests", "test_release_not_acquired")]
    public void Cannot_be_released_beyond_its_bound()
    {
        var misuse = Assert.Throws<InvalidOperationException>(() => new AsyncBoundedSemaphore().Release());
        Assert.Contains("more often than it was acquired", misuse.Message);
    }

    [Fact]
    public void Passes_places_on_like_any_other() => LoopTest.Run(async () =>
    {
        var semaphore = new AsyncBoundedSemaphore(2);
        await semaphore.AcquireAsync();
        using (await semaphore.AcquireAsync())
        {
            var waiting = Asyncio.CreateTask(semaphore.AcquireAsync());
            await Asyncio.Yield();
            semaphore.Release();
            await waiting;
        }
        semaphore.Release();

        Assert.Throws<InvalidOperationException>(semaphore.Release);
        Assert.True(semaphore.TryAcquire());
        Assert.True(semaphore.TryAcquire());
        Assert.False(semaphore.TryAcquire());
    });

    [Fact]
    public void A_release_that_is_refused_changes_nothing()
    {
        var semaphore = new AsyncBoundedSemaphore(1);
        Assert.Throws<InvalidOperationException>(semaphore.Release);
        Assert.True(semaphore.TryAcquire());
        Assert.False(semaphore.TryAcquire());
    }
}
