using System.Diagnostics;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>
/// What Python's context variables are, <see cref="AsyncLocal{T}"/>s are here: each task has its own, copied when it is
/// made; inside a task, what a callee writes its caller sees.
/// </summary>
public abstract class ExecutionContextTests(EventLoop loop) : ForeignLoopTests(loop)
{
    private readonly AsyncLocal<string?> _local = new();

    [Fact]
    public void A_caller_sees_what_its_callee_wrote() => Run(async () =>
    {
        _local.Value = "before";

        await Write("inside", wait: false);
        Assert.Equal("inside", _local.Value);
        await Write("after a wait", wait: true);
        Assert.Equal("after a wait", _local.Value);
        await Asyncio.Yield();
        Assert.Equal("after a wait", _local.Value);
    });

    [Fact]
    public void Tasks_have_copies_of_their_own() => Run(async () =>
    {
        _local.Value = "mine";

        var task = Asyncio.CreateTask(Write("the task's", wait: true));
        _local.Value = "mine, changed";
        await task;

        Assert.Equal("mine, changed", _local.Value);
    });

    [Fact]
    public void A_task_starts_with_what_there_was_when_it_was_made() => Run(async () =>
    {
        _local.Value = "then";
        var task = Asyncio.CreateTask(Read());
        _local.Value = "now";

        Assert.Equal("then", await task);
    });

    [Fact]
    public void Tasks_that_take_turns_do_not_mix() => Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            for (var i = 0; i < 10; i++)
                group.StartSoon(CountAlone(i));
        });
        Assert.Null(_local.Value);

        async Coroutine CountAlone(int who)
        {
            for (var i = 0; i < 10; i++)
            {
                _local.Value = $"{who}.{i}";
                if ((who + i) % 3 == 0)
                    await CompletedOnPool();
                else
                    await Asyncio.Yield();
                Assert.Equal($"{who}.{i}", _local.Value);
            }
        }
    });

    [Fact]
    public void A_task_runs_in_the_context_given() => Run(async () =>
    {
        _local.Value = "given";
        var context = ExecutionContext.Capture();
        _local.Value = "mine";

        Assert.Equal("given", await Asyncio.CreateTask(Read(), context: context));
        Assert.Equal("mine", _local.Value);
    });

    [Fact]
    public void An_eager_task_does_not_write_to_its_makers_context() => Run(async () =>
    {
        _local.Value = "mine";

        var task = Asyncio.CreateTask(Write("eager", wait: true), eagerStart: true);

        Assert.Equal("mine", _local.Value);
        await task;
        Assert.Equal("mine", _local.Value);
    });

    [Fact]
    public void Callbacks_run_in_the_context_in_which_they_were_scheduled() => Run(async () =>
    {
        var seen = new List<string?>();
        var done = Loop.CreateFuture<bool>();
        _local.Value = "one";
        Loop.CallSoon(() =>
        {
            seen.Add(_local.Value);
            _local.Value = "a callback's";
        });
        _local.Value = "two";
        Loop.CallLater(TimeSpan.FromMilliseconds(1), () => seen.Add(_local.Value));
        Loop.CallSoonThreadsafe(() => seen.Add(_local.Value));
        _local.Value = "three";
        Loop.CallLater(TimeSpan.FromMilliseconds(2), () => done.SetResult(true));

        await done;

        Assert.Equal(["one", "two", "two"], seen);
        Assert.Equal("three", _local.Value);
    });

    [Fact]
    public void Where_the_flow_is_suppressed_a_task_starts_in_the_loops_context() => Run(async () =>
    {
        _local.Value = "mine";

        AsyncioTask<string?> task;
        using (ExecutionContext.SuppressFlow())
            task = Asyncio.CreateTask(Read());

        Assert.Null(await task);
        Assert.Equal("mine", _local.Value);
    });

    [Fact]
    public void Writes_survive_waits_in_foreign_code() => Run(async () =>
    {
        _local.Value = "before";

        await CompletedOnPool();
        Assert.Equal("before", _local.Value);
        await ForeignWrite().ConfigureAwait(false);
        Assert.Equal("before", _local.Value); // as in any async Task method, its writes are its own
        _local.Value = "after";
        await Task.Yield();
        Assert.Equal("after", _local.Value);

        async Task ForeignWrite()
        {
            await Task.Yield();
            _local.Value = "theirs";
            await Asyncio.Yield();
            Assert.Equal("theirs", _local.Value);
        }
    });

    [Fact]
    public void Each_request_has_its_activity() => Run(async () =>
    {
        await Asyncio.Gather(Enumerable.Range(0, 5).Select(i => Handle($"request {i}")));
        Assert.Null(Activity.Current);

        async Coroutine Handle(string name)
        {
            using (new Activity(name).Start())
            {
                await Asyncio.Yield();
                await Nested(name);
                await CompletedOnPool();
                Assert.Equal(name, Activity.Current?.OperationName);
            }
            Assert.Null(Activity.Current);
        }

        static async Coroutine Nested(string name)
        {
            using var inner = new Activity("inner").Start();
            await Asyncio.Yield();
            Assert.Equal(name, inner.Parent?.OperationName);
        }
    });

    [Fact]
    public void A_cancelled_task_cleans_up_in_its_own_context() => Run(async () =>
    {
        string? seen = null;
        var task = Asyncio.CreateTask(CleanUp());
        await Expect.Turns(2);
        _local.Value = "the canceller's";

        task.Cancel();
        await Expect.ThrowsAsync<CanceledException>(task);

        Assert.Equal("the task's", seen);

        async Coroutine CleanUp()
        {
            _local.Value = "the task's";
            try
            {
                await Asyncio.Sleep(1000);
            }
            finally
            {
                seen = _local.Value;
            }
        }
    });

    private async Coroutine Write(string value, bool wait)
    {
        if (wait)
            await Asyncio.Yield();
        _local.Value = value;
    }

    private async Coroutine<string?> Read() => _local.Value;
}

public sealed class VirtualExecutionContextTests() : ExecutionContextTests(new VirtualEventLoop());

public sealed class EpollExecutionContextTests() : ExecutionContextTests(new EpollEventLoop());

public sealed class IoUringExecutionContextTests() : ExecutionContextTests(IoUring.NewLoop());

public sealed class PortableExecutionContextTests() : ExecutionContextTests(new PortableEventLoop());
