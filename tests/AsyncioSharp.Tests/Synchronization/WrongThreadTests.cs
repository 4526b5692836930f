namespace AsyncioSharp.Tests.Synchronization;

/// <summary>In debug mode, use from another thread is refused before anything has changed.</summary>
[Collection(nameof(Alone))]
public class WrongThreadTests
{
    public static TheoryData<string, Func<(IAwaitable Wait, Action Wake)>> Cases() => new()
    {
        { "event", static () =>
        {
            var happened = new AsyncEvent();
            return (happened.WaitAsync(), happened.Set);
        } },
        { "lock", static () =>
        {
            var mutex = new AsyncLock();
            mutex.TryAcquire();
            return (mutex.AcquireAsync(), mutex.Release);
        } },
        { "semaphore", static () =>
        {
            var places = new AsyncSemaphore(0);
            return (places.AcquireAsync(), places.Release);
        } },
        { "queue, to get", static () =>
        {
            var queue = new AsyncQueue<int>();
            return (queue.GetAsync(), () => queue.PutNoWait(1));
        } },
        { "queue, to put", static () =>
        {
            var queue = new AsyncQueue<int>(1);
            queue.PutNoWait(1);
            return (queue.PutAsync(2), () => queue.GetNoWait());
        } },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Who_waits_is_not_lost_by_a_call_from_the_wrong_thread(
        string name, Func<(IAwaitable Wait, Action Wake)> make) => LoopTest.Run(async () =>
    {
        LowLevel.EventLoop.Running.Debug = true;
        var (wait, wake) = make();
        var waiter = Asyncio.CreateTask(WaitAsync(wait), name);
        await Expect.Turns(3);

        await Expect.ThrowsAsync<InvalidOperationException>(async () => await Task.Run(wake).AsFuture());
        await Expect.Turns(3);
        Assert.False(waiter.IsCompleted);

        wake();
        await waiter;

        static async Coroutine WaitAsync(IAwaitable wait) => await wait;
    });
}
