namespace AsyncioSharp.Tests;

public abstract partial class ForeignCancellationTests
{
    [Fact]
    public void Code_that_ignores_it_is_waited_for_and_the_next_wait_is_cancelled() => Run(async () =>
    {
        var source = new TaskCompletionSource();
        var steps = new List<string>();
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(2);

        task.Cancel();
        await Expect.Turns(5);
        Assert.False(task.IsCompleted);
        OnPoolSoon(source.SetResult);

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(["went on", "cancelled"], steps);

        async Coroutine Wait()
        {
            await source.Task;
            steps.Add("went on");
            try
            {
                await Asyncio.Yield();
                steps.Add("not cancelled");
            }
            catch (CanceledException)
            {
                steps.Add("cancelled");
                throw;
            }
        }
    });

    [Fact]
    public void Code_that_ignores_it_at_the_end_of_a_task_does_not_make_it_succeed() => Run(async () =>
    {
        var source = new TaskCompletionSource<int>();
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(2);

        task.Cancel();
        source.SetResult(42);

        await Expect.ThrowsAsync<CanceledException>(task);

        async Coroutine<int> Wait() => await source.Task;
    });

    [Fact]
    public void Code_that_swallows_it_returns_and_the_next_wait_is_cancelled() => Run(async () =>
    {
        var steps = new List<string>();
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(3);

        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(["swallowed", "returned"], steps);

        async Coroutine Wait()
        {
            await Swallow();
            steps.Add("returned");
            await Asyncio.Yield();
            steps.Add("not cancelled");
        }

        async Task Swallow()
        {
            try
            {
                await Block();
            }
            catch (OperationCanceledException)
            {
                steps.Add("swallowed");
            }
        }
    });

    [Fact]
    public void A_request_while_it_waits_for_what_ignores_it_reaches_the_next_thing_of_ours() => Run(async () =>
    {
        var (source, cleanedUp) = (new TaskCompletionSource(), false);
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(3);

        task.Cancel();
        await Expect.Turns(3);
        Assert.False(task.IsCompleted);
        source.SetResult();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.True(cleanedUp);

        async Coroutine Wait() => await IgnoreThenBlock();

        async Task IgnoreThenBlock()
        {
            await source.Task;
            try
            {
                await Block();
            }
            finally
            {
                await Asyncio.Yield(); // told once is enough
                cleanedUp = true;
            }
        }
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_of_several_methods_is_told_once_however_late_it_waits_for_something_of_ours(bool onPool) => Run(async () =>
    {
        TaskCompletionSource[] sources = [new(), new(), new()];
        var (began, cleanedUp) = (0, 0);
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(3);

        task.Cancel();
        foreach (var source in sources)
        {
            await Expect.Turns(3);
            Assert.False(task.IsCompleted);
            if (onPool)
                OnPoolSoon(source.SetResult);
            else
                source.SetResult();
        }

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal((3, 3), (began, cleanedUp));

        async Coroutine Wait() => await Task.WhenAll(sources.Select(source => CleanUp(source)));

        async Task CleanUp(TaskCompletionSource source)
        {
            try
            {
                await IgnoreThenBlock(source);
            }
            finally
            {
                // In the caller of the one that was told, and again behind a wait that is not ours.
                await Asyncio.Yield();
                await Task.Yield();
                await Asyncio.Yield();
                cleanedUp++;
            }
        }

        async Task IgnoreThenBlock(TaskCompletionSource source)
        {
            await source.Task;
            began++;
            await Block();
        }
    });

    [Fact]
    public void A_second_request_tells_again_those_that_clean_up() => Run(async () =>
    {
        var (steps, source) = (new List<string>(), new TaskCompletionSource());
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(3);
        task.Cancel();
        source.SetResult();
        await Expect.Turns(5);
        Assert.Equal(["cleans up"], steps);

        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(["cleans up", "cancelled again"], steps);

        async Coroutine Wait() => await IgnoreThenBlock();

        async Task IgnoreThenBlock()
        {
            await source.Task;
            try
            {
                await Block();
            }
            catch (OperationCanceledException)
            {
                steps.Add("cleans up");
                try
                {
                    await Asyncio.Sleep(TimeSpan.MaxValue);
                }
                catch (OperationCanceledException)
                {
                    steps.Add("cancelled again");
                    throw;
                }
            }
        }
    });

    [Fact]
    public void Clean_up_behind_a_call_that_the_token_ended_is_not_cancelled_again() => Run(async () =>
    {
        var cleanedUp = false;
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(3);

        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.True(cleanedUp);

        async Coroutine Wait() => await WithToken();

        async Task WithToken()
        {
            try
            {
                await Task.Delay(s_forever, Asyncio.CancellationToken);
            }
            finally
            {
                await Asyncio.Yield();
                await Asyncio.Sleep(0.001);
                cleanedUp = true;
            }
        }
    });
}
