using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests.Tasks;

public class TaskContextTests
{
    private readonly AsyncLocal<string?> _variable = new();

    [Fact]
    public void A_value_that_was_cleared_stays_cleared()
    {
        LoopTest.Run(async () =>
        {
            _variable.Value = "set";
            await Asyncio.Yield();
            Assert.Equal("set", _variable.Value);
            _variable.Value = null;
            await Asyncio.Yield();
            Assert.Null(_variable.Value);
        });
    }

    [Fact]
    public void A_task_that_clears_a_value_in_its_eager_step_finds_it_cleared()
    {
        LoopTest.Run(async () =>
        {
            _variable.Value = "set";
            var context = ExecutionContext.Capture();
            _variable.Value = null;
            await Asyncio.CreateTask(ClearAsync(), context: context, eagerStart: true);
        });

        async Coroutine ClearAsync()
        {
            Assert.Equal("set", _variable.Value);
            _variable.Value = null;
            await Asyncio.Yield();
            Assert.Null(_variable.Value);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_task_that_is_given_the_context_of_the_beginning_finds_that(bool eagerStart)
    {
        LoopTest.Run(async () =>
        {
            var clean = ExecutionContext.Capture();
            _variable.Value = "of the creator";
            await Asyncio.CreateTask(FindNothingAsync(), context: clean, eagerStart: eagerStart);
            Assert.Equal("of the creator", _variable.Value);
        });

        async Coroutine FindNothingAsync()
        {
            Assert.Null(_variable.Value);
            await Asyncio.Yield();
            Assert.Null(_variable.Value);
        }
    }

    [Fact]
    public void A_runner_keeps_what_the_last_step_wrote()
    {
        using var runner = NewRunner();
        runner.Run(WriteAsync("kept"));
        Assert.Equal("kept", runner.Run(ReadAsync()));
        runner.Run(WriteAsync(null));
        Assert.Null(runner.Run(ReadAsync()));
    }

    [Fact]
    public void A_runner_keeps_its_own_context_beside_one_that_is_given()
    {
        using var runner = NewRunner();
        runner.Run(WriteAsync("own"));
        runner.Run(WriteAsync("given"), ExecutionContext.Capture());
        Assert.Equal("own", runner.Run(ReadAsync()));
    }

    [Fact]
    public async Task A_coroutine_handed_over_by_another_thread_has_the_values_of_whoever_did_it()
    {
        await using var thread = new EventLoopThread(new RunnerOptions { LoopFactory = () => new VirtualEventLoop() });
        _variable.Value = "caller's";
        Assert.Equal("caller's", await Asyncio.RunCoroutineThreadsafe(ReadAsync(), thread.Loop));
        Assert.Equal("caller's", await thread.RunAsync(ReadAsync));
        await Asyncio.RunCoroutineThreadsafe(WriteAsync("coroutine's"), thread.Loop);
        Assert.Equal("caller's", _variable.Value);
        _variable.Value = null;
        Assert.Null(await thread.RunAsync(ReadAsync));
    }

    private static Runner NewRunner() => new(new RunnerOptions { LoopFactory = () => new VirtualEventLoop(), HandleInterrupt = false });

    private async Coroutine WriteAsync(string? value)
    {
        await Asyncio.Yield();
        _variable.Value = value;
    }

    private async Coroutine<string?> ReadAsync()
    {
        await Asyncio.Yield();
        return _variable.Value;
    }
}
