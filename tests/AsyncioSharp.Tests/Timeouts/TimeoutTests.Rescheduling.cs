namespace AsyncioSharp.Tests;

public sealed partial class TimeoutTests
{
    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_reschedule")]
    public void The_deadline_can_be_moved_and_taken_away() => LoopTest.Run(async () =>
    {
        var entered = Asyncio.CurrentTask!.Loop.CreateFuture<TimeoutScope>();
        var (first, second) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30));
        var task = Asyncio.CreateTask(Asyncio.TimeoutAt(first, async scope =>
        {
            entered.SetResult(scope);
            await Asyncio.Sleep(50);
        }));
        var scope = await entered;

        Assert.Equal(first, scope.When);
        scope.Reschedule(second);
        Assert.Equal(second, scope.When);
        scope.Reschedule(null);
        Assert.Null(scope.When);
        await Asyncio.Sleep(40);
        Assert.False(task.IsCompleted);

        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.False(scope.IsExpired);
    });

    [Fact]
    public void Its_exception_says_how_long_it_was_unless_the_deadline_was_moved() => LoopTest.Run(async () =>
    {
        var late = await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(2, async _ => await Asyncio.Sleep(10)));
        Assert.Contains("within 2 s", late.Message);

        late = await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(2, async scope =>
        {
            scope.Reschedule(Now + TimeSpan.FromSeconds(5));
            await Asyncio.Sleep(10);
        }));
        Assert.Contains("before its deadline", late.Message);
    });

    [Theory]
    [InlineData(5)]
    [InlineData(1)]
    [InlineData(0)]
    public void It_expires_at_the_deadline_it_was_moved_to(double seconds) => LoopTest.Run(async () =>
    {
        await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(2, async scope =>
        {
            await Asyncio.Sleep(1);
            scope.Reschedule(TimeSpan.FromSeconds(seconds));
            await Asyncio.Sleep(10);
        }));

        Assert.Equal(TimeSpan.FromSeconds(Math.Max(1, seconds)), Now);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_finished")]
    public void After_the_body_the_deadline_cannot_be_moved() => LoopTest.Run(async () =>
    {
        TimeoutScope? scope = null;
        await Asyncio.Timeout(0.01, async entered => scope = entered);

        var misuse = Assert.Throws<InvalidOperationException>(() => scope!.Reschedule(TimeSpan.FromSeconds(1)));

        Assert.Contains("finished", misuse.Message);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_expired")]
    public void Once_expired_the_deadline_cannot_be_moved() => LoopTest.Run(async () =>
    {
        TimeoutScope? scope = null;
        await Expect.ThrowsAsync<TimeoutException>(Asyncio.Timeout(0.01, async entered =>
        {
            scope = entered;
            await Asyncio.Sleep(1);
        }));

        var misuse = Assert.Throws<InvalidOperationException>(() => scope!.Reschedule(TimeSpan.FromSeconds(1)));

        Assert.Contains("expired", misuse.Message);
    });

    [Fact]
    [CPythonTest("test_timeouts.py", "TimeoutTests", "test_timeout_expiring")]
    public void While_it_expires_the_deadline_cannot_be_moved() => LoopTest.Run(async () =>
    {
        await Asyncio.Timeout(0.01, async scope =>
        {
            await Expect.ThrowsAsync<CanceledException>(Asyncio.Sleep(1));

            var misuse = Assert.Throws<InvalidOperationException>(() => scope.Reschedule(TimeSpan.FromSeconds(1)));

            Assert.Contains("expired", misuse.Message);
        });
    });
}
