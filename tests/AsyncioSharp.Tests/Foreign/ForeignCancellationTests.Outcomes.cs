namespace AsyncioSharp.Tests;

// What the wait becomes: a failure, a cancellation, or a future that can be abandoned; and whom a request reaches.
public abstract partial class ForeignCancellationTests
{
    [Fact]
    public void Code_that_fails_instead_fails_the_wait() => Run(async () =>
    {
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(3);

        task.Cancel();

        await Expect.ThrowsAsync<FormatException>(task);

        static async Coroutine Wait() => await FailWhenCanceled();

        static async Task FailWhenCanceled()
        {
            try
            {
                await Block();
            }
            catch (OperationCanceledException)
            {
                throw new FormatException();
            }
        }
    });

    // An HTTP client throws a TaskCanceledException when its own timeout has passed.
    [Fact]
    public void A_cancellation_that_is_not_the_tasks_own_is_a_failure() => Run(async () =>
    {
        var task = Asyncio.CreateTask(Fetch());

        await Expect.ThrowsAsync<TaskCanceledException>(task);
        Assert.True(task.IsFaulted);
        Assert.False(task.IsCanceled);

        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group => group.StartSoon(Fetch())));
        Assert.Equal("TaskCanceledException", Expect.TypesIn(failure));

        await Expect.ThrowsAsync<TaskCanceledException>(Asyncio.Timeout(null, async _ => await Fetch()));

        async Coroutine Fetch() => await FetchWithTimeout();

        async Task FetchWithTimeout()
        {
            using var timeout = new CancellationTokenSource();
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, Asyncio.CancellationToken);
            OnPoolSoon(timeout.Cancel);
            await Task.Delay(s_forever, linked.Token);
        }
    });

    [Fact]
    public void The_same_call_cancelled_by_the_task_is_a_cancellation() => Run(async () =>
    {
        var task = Asyncio.CreateTask(Fetch());
        await Expect.Turns(3);

        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.True(task.IsCanceled);

        static async Coroutine Fetch()
        {
            using var timeout = new CancellationTokenSource();
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, Asyncio.CancellationToken);
            await Task.Delay(s_forever, linked.Token).ConfigureAwait(false);
        }
    });

    [Fact]
    public void AsFuture_makes_a_task_that_ignores_it_abandonable() => Run(async () =>
    {
        var source = new TaskCompletionSource<int>();
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(2);

        task.Cancel();
        await Expect.Turns(2);

        Assert.True(task.IsCanceled);
        source.SetResult(1);
        await Expect.Turns(2);

        async Coroutine Wait() => await source.Task.AsFuture();
    });

    [Fact]
    public void AsFuture_passes_on_every_outcome() => Run(async () =>
    {
        Assert.Equal(42, await CompletedOnPool().AsFuture());
        Assert.Equal(42, await Task.FromResult(42).AsFuture());
        await Task.CompletedTask.AsFuture();
        await Expect.ThrowsAsync<FormatException>(Task.FromException(new FormatException()).AsFuture());
        var canceled = Task.FromCanceled(new CancellationToken(true)).AsFuture();
        await Expect.ThrowsAsync<CanceledException>(canceled);
        Assert.True(canceled.IsCanceled);
    });

    [Fact]
    public void The_token_is_made_cancelled_when_a_request_is_pending() => Run(async () =>
    {
        var task = Asyncio.CreateTask(Look());

        await Expect.ThrowsAsync<CanceledException>(task);

        static async Coroutine Look()
        {
            Assert.False(Asyncio.CancellationToken.IsCancellationRequested);
            Asyncio.CurrentTask!.Cancel();
            Assert.True(Asyncio.CancellationToken.IsCancellationRequested);
            await Expect.ThrowsAsync<CanceledException>(Asyncio.Yield());
            Assert.False(Asyncio.CancellationToken.IsCancellationRequested);
            throw new CanceledException();
        }
    });

    [Fact]
    public void A_failing_callback_of_the_token_is_reported_and_harms_nothing() => Run(async () =>
    {
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(2);

        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.IsType<FormatException>(Assert.Single(Reports()).Exception);

        static async Coroutine Wait()
        {
            Asyncio.CancellationToken.Register(() => throw new FormatException());
            await Block();
        }
    });

    [Fact]
    public void Cancelling_what_the_foreign_code_waits_for_reaches_it_as_a_cancellation() => Run(async () =>
    {
        var future = Loop.CreateFuture<int>();
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(2);

        future.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(0, task.CancelRequests);

        async Coroutine Wait() => await Theirs();

        async Task Theirs() => await future;
    });

    [Fact]
    public void Cancelling_one_task_leaves_another_alone_that_waits_for_the_same_method() => Run(async () =>
    {
        var source = new TaskCompletionSource<int>();
        var shared = Shared();
        var first = Asyncio.CreateTask(Wait());
        var second = Asyncio.CreateTask(Wait());
        await Expect.Turns(2);

        first.Cancel();
        await Expect.Turns(2);
        source.SetResult(42);

        await Expect.ThrowsAsync<CanceledException>(first);
        Assert.Equal(42, await second);

        async Coroutine<int> Wait() => await shared;

        async Task<int> Shared() => await source.Task;
    });
}
