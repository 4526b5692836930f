using System.Runtime.CompilerServices;
using AsyncioSharp.LowLevel;

namespace AsyncioSharp.Tests;

/// <summary>Cancellation crosses the border to .NET's asynchronous code in both directions, and is never lost there.</summary>
public abstract partial class ForeignCancellationTests(EventLoop loop) : ForeignLoopTests(loop)
{
    private static readonly TimeSpan s_forever = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Asynchronous code of .NET that waits, each in its own way, until it is cancelled.</summary>
    private static readonly Dictionary<string, Func<Task>> s_waits = new()
    {
        ["with the task's token"] = () => Task.Delay(s_forever, Asyncio.CancellationToken),
        ["with the task's token, off the loop"] = async () =>
            await Task.Delay(s_forever, Asyncio.CancellationToken).ConfigureAwait(false),
        ["for a coroutine"] = async () => await Block(),
        ["for a coroutine after a task"] = async () =>
        {
            await Task.Yield();
            await Block();
        },
        ["for a sleep"] = async () => await Asyncio.Sleep(TimeSpan.MaxValue),
        ["for a future"] = async () => await EventLoop.Running.CreateFuture<int>(),
        ["for a task"] = async () => await Asyncio.CreateTask(Block()),
        ["for a coroutine that waits for such code"] = async () => await BlockInForeignCode(),
        ["two methods down"] = async () => await Inner(),
        ["for several at once"] = () => Task.WhenAll(Inner(), Inner(), Task.Delay(s_forever, Asyncio.CancellationToken)),
        ["in an async iterator"] = async () =>
        {
            await foreach (var _ in Iterate())
            {
            }
        },
        ["with clean-up that waits"] = async () =>
        {
            try
            {
                await Asyncio.Sleep(TimeSpan.MaxValue);
            }
            finally
            {
                await Asyncio.Yield();
                await Task.Yield();
            }
        },
    };

    public static TheoryData<string> Waits => [.. s_waits.Keys];

    public static TheoryData<string> WaitsOfOne => [.. s_waits.Keys.Where(kind => kind != "for several at once")];

    [Theory]
    [MemberData(nameof(Waits))]
    public void Cancelling_a_task_ends_what_it_waits_for(string kind) => Run(async () =>
    {
        var passed = false;
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(5);
        Assert.False(task.IsCompleted);

        Assert.True(task.Cancel("reason"));

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.False(passed);
        Assert.True(task.IsCanceled);
        Assert.Equal(1, task.CancelRequests);
        _ = Assert.Single(Asyncio.AllTasks());

        async Coroutine Wait()
        {
            await s_waits[kind]();
            passed = true;
        }
    });

    // Of several methods at once only those are told that wait for something of ours when the request is made, or the first
    // that does later; so this is not tried with several.
    [Theory]
    [MemberData(nameof(WaitsOfOne))]
    public void A_request_from_before_ends_it_when_it_begins(string kind) => Run(async () =>
    {
        var task = Asyncio.CreateTask(Wait());

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(1, task.CancelRequests);
        _ = Assert.Single(Asyncio.AllTasks());

        async Coroutine Wait()
        {
            Asyncio.CurrentTask!.Cancel();
            await s_waits[kind]();
        }
    });

    [Theory]
    [MemberData(nameof(Waits))]
    public void A_timeout_ends_it(string kind) => Run(async () =>
    {
        var waiting = Asyncio.CreateTask(Asyncio.Timeout(null, async scope =>
        {
            Loop.CallSoon(() => scope.Reschedule(Loop.Time));
            await s_waits[kind]();
        }));

        await Expect.ThrowsAsync<TimeoutException>(waiting);

        Assert.Equal(0, waiting.CancelRequests);
        _ = Assert.Single(Asyncio.AllTasks());
    });

    [Theory]
    [MemberData(nameof(Waits))]
    public void A_failing_sibling_in_a_group_ends_it(string kind) => Run(async () =>
    {
        var failure = await Expect.ThrowsAsync<AggregateException>(TaskGroup.RunAsync(async group =>
        {
            group.StartSoon(Wait());
            group.StartSoon(Fail());
            await s_waits[kind]();
        }));

        Assert.Equal("FormatException", Expect.TypesIn(failure));
        Assert.Equal(0, Asyncio.CurrentTask!.CancelRequests);
        await Asyncio.Yield();

        async Coroutine Wait() => await s_waits[kind]();

        static async Coroutine Fail()
        {
            await Expect.Turns(3);
            throw new FormatException();
        }
    });

    [Theory]
    [MemberData(nameof(Waits))]
    public void A_task_that_catches_it_can_clean_up_in_such_code_again(string kind) => Run(async () =>
    {
        var cleanedUp = false;
        var task = Asyncio.CreateTask(Wait());
        await Expect.Turns(5);
        task.Cancel();

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.True(cleanedUp);

        async Coroutine Wait()
        {
            try
            {
                await s_waits[kind]();
            }
            finally
            {
                var token = Asyncio.CancellationToken;
                Assert.False(token.IsCancellationRequested);
                Assert.Equal(42, await CompletedOnPool().WaitAsync(token));
                await Asyncio.Yield();
                cleanedUp = true;
            }
        }
    });

    [Theory]
    [MemberData(nameof(Waits))]
    public void What_cleans_up_can_be_cancelled_again(string kind) => Run(async () =>
    {
        var canceled = 0;
        var task = Asyncio.CreateTask(Wait());

        for (var i = 0; i < 3; i++)
        {
            // Off the loop it takes as long as the other thread takes.
            while (canceled < i)
                await Asyncio.Yield();
            await Expect.Turns(8);
            task.Cancel();
        }

        await Expect.ThrowsAsync<CanceledException>(task);
        Assert.Equal(3, canceled);
        Assert.Equal(3, task.CancelRequests);

        async Coroutine Wait()
        {
            for (; ; )
            {
                try
                {
                    await s_waits[kind]();
                }
                catch (OperationCanceledException) when (++canceled < 3)
                {
                }
            }
        }
    });

    private static async Coroutine Block()
    {
        await EventLoop.Running.CreateFuture<bool>();
        Assert.Fail("It must have been cancelled.");
    }

    private static async Coroutine BlockInForeignCode() => await s_waits["for a coroutine after a task"]();

    private static async Task Inner()
    {
        await Task.Yield();
        await Block();
    }

    private static async IAsyncEnumerable<int> Iterate([EnumeratorCancellation] CancellationToken token = default)
    {
        yield return 1;
        await Block();
        yield return 2;
    }
}

public sealed class VirtualForeignCancellationTests() : ForeignCancellationTests(new VirtualEventLoop());

public sealed class EpollForeignCancellationTests() : ForeignCancellationTests(new EpollEventLoop());

public sealed class IoUringForeignCancellationTests() : ForeignCancellationTests(IoUring.NewLoop());

public sealed class PortableForeignCancellationTests() : ForeignCancellationTests(new PortableEventLoop());
