namespace AsyncioSharp.Tests;

public sealed partial class CancelScopeTests
{
    private static TimeSpan Now => Asyncio.CurrentTask!.Loop.Time;

    [Fact]
    public void Cuts_its_body_off_and_goes_on() => LoopTest.Run(async () =>
    {
        CancelScope? scope = null;
        var passed = false;

        var cutOff = await Asyncio.CancelScope(async opened =>
        {
            scope = opened;
            opened.Cancel();
            await Asyncio.Sleep(10);
            passed = true;
        });

        Assert.True(cutOff);
        Assert.False(passed);
        Assert.True(scope!.IsCancelRequested);
        Assert.True(scope.CancellationCaught);
        await AssertUndisturbed();
    });

    [Fact]
    public void Left_in_time_it_does_nothing() => LoopTest.Run(async () =>
    {
        Assert.False(await Asyncio.CancelScope(async _ => await Asyncio.Sleep(1)));
        Assert.Equal(42, (await Asyncio.CancelScope(async _ => 42)).Value);
        await AssertUndisturbed();
    });

    [Fact]
    public void A_body_without_another_wait_is_not_cut_off() => LoopTest.Run(async () =>
    {
        var outcome = await Asyncio.CancelScope(async scope =>
        {
            scope.Cancel();
            return 42;
        });

        Assert.Equal(42, outcome.Value);
        await AssertUndisturbed();
    });

    [Fact]
    public void A_result_that_was_cut_off_is_an_outcome_that_says_so() => LoopTest.Run(async () =>
    {
        var outcome = await Asyncio.MoveOnAfter(1, async _ =>
        {
            await Asyncio.Sleep(10);
            return 42;
        });

        Assert.True(outcome.IsCanceled);
        Assert.Equal(TimeSpan.FromSeconds(1), Now);
        await AssertUndisturbed();
    });

    [Fact]
    public void Swallowing_helps_nothing_each_wait_is_cancelled_anew() => LoopTest.Run(async () =>
    {
        var swallowed = 0;

        var cutOff = await Asyncio.MoveOnAfter(1, async _ =>
        {
            for (var i = 0; i < 5; i++)
            {
                try
                {
                    if (i % 2 == 0)
                        await Asyncio.Sleep(10);
                    else
                        await Asyncio.Yield();
                }
                catch (CanceledException)
                {
                    swallowed++;
                }
            }
            Assert.Equal(1, Asyncio.CurrentTask!.CancelRequests);
        });

        Assert.False(cutOff);
        Assert.Equal(5, swallowed);
        Assert.Equal(TimeSpan.FromSeconds(1), Now);
        await AssertUndisturbed();
    });

    [Fact]
    public void What_need_not_wait_is_not_cancelled() => LoopTest.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        queue.PutNoWait(1);

        await Asyncio.CancelScope(async scope =>
        {
            scope.Cancel();
            Assert.Equal(1, await queue.GetAsync());
        });
    });

    [Fact]
    public void Exceptions_that_are_no_cancellation_come_out() => LoopTest.Run(async () =>
    {
        await Expect.ThrowsAsync<FormatException>(Asyncio.CancelScope(async scope =>
        {
            scope.Cancel();
            try
            {
                await Asyncio.Sleep(10);
            }
            finally
            {
                throw new FormatException();
            }
        }));
        await AssertUndisturbed();
    });

    [Fact]
    public void The_reason_is_told() => LoopTest.Run(async () =>
    {
        await Asyncio.CancelScope(async scope =>
        {
            scope.Cancel("enough");
            for (var i = 0; i < 2; i++)
                Assert.Equal("enough", (await Expect.ThrowsAsync<CanceledException>(Asyncio.Yield())).Message);
        });
    });

    [Fact]
    public void A_deadline_can_be_moved() => LoopTest.Run(async () =>
    {
        var cutOff = await Asyncio.MoveOnAfter(1, async scope =>
        {
            Assert.Equal(TimeSpan.FromSeconds(1), scope.Deadline);
            scope.Reschedule(TimeSpan.FromSeconds(3));
            await Asyncio.Sleep(2);
            scope.Reschedule(null);
            await Asyncio.Sleep(2);
            scope.Reschedule(Now);
            Assert.True(scope.IsCancelRequested);
            Assert.Throws<InvalidOperationException>(() => scope.Reschedule(null));
            await Asyncio.Sleep(2);
        });

        Assert.True(cutOff);
        Assert.Equal(TimeSpan.FromSeconds(4), Now);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Without_any_time_the_first_wait_is_cancelled(double seconds) => LoopTest.Run(async () =>
    {
        var (begun, passed) = (false, false);

        Assert.True(await Asyncio.MoveOnAfter(seconds, async _ =>
        {
            begun = true;
            await Asyncio.Yield();
            passed = true;
        }));

        Assert.True(begun);
        Assert.False(passed);
        await AssertUndisturbed();
    });

    [Fact]
    public void Time_runs_from_the_call_and_to_a_deadline_where_one_is_given() => LoopTest.Run(async () =>
    {
        var scope = Asyncio.MoveOnAfter(2, async _ => await Asyncio.Sleep(10));
        await Asyncio.Sleep(1);
        Assert.True(await scope);
        Assert.Equal(TimeSpan.FromSeconds(2), Now);

        Assert.True(await Asyncio.MoveOnAt(TimeSpan.FromSeconds(5), async _ => await Asyncio.Sleep(10)));
        Assert.Equal(TimeSpan.FromSeconds(5), Now);
        Assert.Equal(7, (await Asyncio.MoveOnAt(null, async _ => 7)).Value);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_nested_scopes_only_the_cancelled_one_is_left(bool outer) => LoopTest.Run(async () =>
    {
        var betweenReached = false;

        var outerCut = await Asyncio.CancelScope(async first =>
        {
            var innerCut = await Asyncio.CancelScope(async second =>
            {
                (outer ? first : second).Cancel();
                await Asyncio.Sleep(1);
            });
            Assert.True(innerCut);
            betweenReached = true;
            await Asyncio.Sleep(1);
        });

        Assert.Equal(outer, outerCut);
        Assert.Equal(!outer, betweenReached);
        await AssertUndisturbed();
    });

    [Fact]
    public void Both_cancelled_the_outer_one_catches() => LoopTest.Run(async () =>
    {
        CancelScope? inner = null;

        Assert.True(await Asyncio.CancelScope(async first =>
        {
            await Asyncio.CancelScope(async second =>
            {
                inner = second;
                second.Cancel();
                first.Cancel();
                await Asyncio.Sleep(1);
            });
            Assert.Fail("The outer one is cancelled.");
        }));

        Assert.False(inner!.CancellationCaught);
        await AssertUndisturbed();
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cancellation_of_the_task_goes_through_it(bool scopeToo) => LoopTest.Run(async () =>
    {
        CancelScope? scope = null;
        var task = Asyncio.CreateTask(Asyncio.CancelScope(async opened =>
        {
            scope = opened;
            await Asyncio.Sleep(10);
        }));
        await Asyncio.Yield();

        task.Cancel();
        if (scopeToo)
            scope!.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(1, task.CancelRequests);
        Assert.False(scope!.CancellationCaught);
    });

    [Fact]
    public void After_its_end_cancelling_it_does_nothing() => LoopTest.Run(async () =>
    {
        CancelScope? scope = null;
        await Asyncio.CancelScope(async opened => scope = opened);

        scope!.Cancel();

        Assert.False(scope.IsCancelRequested);
        Assert.Throws<InvalidOperationException>(() => scope.Reschedule(null));
        await AssertUndisturbed();
    });

    [Fact]
    public void A_missing_body_is_refused_at_once() => LoopTest.Run(async () =>
    {
        Assert.Throws<ArgumentNullException>(() => { _ = Asyncio.CancelScope(null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = Asyncio.MoveOnAfter<int>(1, null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = Asyncio.MoveOnAt(null, (Func<CancelScope, Coroutine>)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = Asyncio.Shielded(null!); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Asyncio.MoveOnAfter(double.NaN, async _ => { }); });
    });

    [Fact]
    public void Uncancel_inside_takes_back_requests_but_not_the_scope() => LoopTest.Run(async () =>
    {
        var task = Asyncio.CreateTask(Work());

        await Expect.ThrowsAsync<CanceledException>(task);

        Assert.Equal(TimeSpan.FromSeconds(1), Now);
        Assert.Equal(1, task.CancelRequests);

        static async Coroutine Work()
        {
            var current = Asyncio.CurrentTask!;
            await Asyncio.MoveOnAfter(1, async _ =>
            {
                await Expect.ThrowsAsync<CanceledException>(Asyncio.Sleep(10));
                Assert.Equal((1, 1), (current.CancelRequests, current.Uncancel()));
                current.Cancel();
                Assert.Equal(2, current.CancelRequests);
                await Asyncio.Sleep(10);
            });
        }
    });

    private static async Coroutine AssertUndisturbed()
    {
        var task = Asyncio.CurrentTask!;
        Assert.Equal(0, task.CancelRequests);
        Assert.False(Asyncio.CancellationToken.IsCancellationRequested);
        await Asyncio.Sleep(0.001);
    }
}
